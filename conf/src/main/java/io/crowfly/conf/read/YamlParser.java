package io.crowfly.conf.read;

import io.crowfly.conf.read.field.Place;
import io.crowfly.conf.read.field.ProblemCollector;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/**
 * Parser that turns the bytes of the conf file, or of an included file, into a YAML tree and refuses dangerous or
 * surprising parts of YAML.
 *
 * <p>The parser checks the YAML events before it composes the tree, because composing is recursive. Ten thousand
 * brackets would overflow the stack, and aliases would multiply their content. A conf file needs no aliases, tags or
 * second document, so all three are refused.
 */
final class YamlParser {

    /** Maximum nesting. The conf has six levels; deeper nesting is a mistake or an attack. */
    private static final int MAX_DEPTH = 32;

    private final Path file;
    private final ProblemCollector problems;
    private final LoadSettings settings;

    /** End of the last YAML event: the place of an error for which the library gives no place. */
    private Optional<Mark> lastEventEnd = Optional.empty();

    /** @param file every node of the tree contains this path, as the label of its mark */
    YamlParser(Path file, ProblemCollector problems) {
        this.file = file;
        this.problems = problems;
        settings = LoadSettings.builder()
                .setLabel(file.toString())
                // Field.entries reports duplicate keys instead, so that the library does not stop at the first one.
                .setAllowDuplicateKeys(true)
                .setCodePointLimit(ConfFileReader.MAX_FILE_SIZE)
                .build();
    }

    /** Returns the root mapping; empty if a problem was reported. */
    Optional<MappingNode> compose(byte[] bytes) {
        return decode(bytes).flatMap(text -> {
            try {
                return hasOnlyAllowedEvents(text) ? root(text) : Optional.empty();
            } catch (MarkedYamlEngineException e) {
                addSyntaxProblem(e.getProblemMark().or(() -> lastEventEnd), String.valueOf(e.getProblem()));
            } catch (RuntimeException e) {
                // Some errors of the library have no place: an unknown version of YAML, or an incomplete escape
                // (`"\\u00`), for which the library throws NumberFormatException. No such exception may reach the
                // caller.
                addSyntaxProblem(lastEventEnd, "");
            }
            return Optional.empty();
        });
    }

    private Optional<String> decode(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(in, out, true);
        String text = out.flip().toString();
        if (text.startsWith("\uFEFF")) {
            text = text.substring(1);
        }
        if (result.isError()) {
            addProblemAt(text, text.length(), "the file is not UTF-8 here", "save it as UTF-8");
            return Optional.empty();
        }
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            if (!StreamReader.isPrintable(text.codePointAt(i))) {
                String name = String.format("U+%04X", text.codePointAt(i));
                addProblemAt(text, i, "a control character (" + name + ") is not allowed in YAML", "remove it");
                return Optional.empty();
            }
        }
        return Optional.of(text);
    }

    private void addProblemAt(String text, int index, String what, String mend) {
        String before = text.substring(0, index);
        int lineStart = before.lastIndexOf('\n') + 1;
        int line = 1 + (int) before.chars().filter(c -> c == '\n').count();
        problems.add(new Place(file, line, 1 + before.codePointCount(lineStart, index)), what, mend);
    }

    private boolean hasOnlyAllowedEvents(String text) {
        int documents = 0;
        int depth = 0;
        for (Event event : new Parse(settings).parseString(text)) {
            if (event instanceof DocumentStartEvent && ++documents > 1) {
                return refuse(event, "a second document starts here", "keep one document in a conf file");
            } else if (event instanceof CollectionStartEvent && ++depth > MAX_DEPTH) {
                return refuse(
                        event,
                        "nested deeper than " + MAX_DEPTH + " levels",
                        "close the brackets opened before, or indent less");
            } else if (event instanceof CollectionEndEvent) {
                depth--;
            }
            if (event instanceof AliasEvent) {
                return refuse(event, "aliases (`*`) are not allowed", "write the value again, or quote it");
            } else if (event instanceof NodeEvent node && node.getAnchor().isPresent()) {
                return refuse(event, "anchors (`&`) are not allowed", "write the value again, or quote it");
            } else if (hasTag(event)) {
                return refuse(event, "tags (`!`) are not allowed", "remove the tag, or quote the value");
            }
            lastEventEnd = event.getEndMark();
        }
        return true;
    }

    private static boolean hasTag(Event event) {
        return event instanceof ScalarEvent scalar && scalar.getTag().isPresent()
                || event instanceof CollectionStartEvent start && start.getTag().isPresent();
    }

    private boolean refuse(Event at, String what, String mend) {
        problems.add(Place.of(at.getStartMark().orElseThrow()), what, mend);
        return false;
    }

    private Optional<MappingNode> root(String text) {
        Optional<Node> root = new Compose(settings).composeString(text);
        if (root.isEmpty()) {
            problems.add(Place.startOf(file), "the file is empty", "start it with `listeners:` or `backends:`");
        } else if (root.get() instanceof MappingNode mapping) {
            return Optional.of(mapping);
        } else {
            problems.add(root.get(), "the file is not a mapping", "start it with `listeners:` or `backends:`");
        }
        return Optional.empty();
    }

    /**
     * Reports a syntax error of YAML.
     *
     * @param libraryMessage message of the library; it quotes single characters, kinds of token and tag handles, never
     *     values
     */
    private void addSyntaxProblem(Optional<Mark> at, String libraryMessage) {
        Place place = at.map(Place::of).orElseGet(() -> Place.startOf(file));
        if (libraryMessage.contains("TAB")) {
            problems.add(place, "a tab can't indent YAML", "use spaces");
        } else if (libraryMessage.contains("tag handle")) {
            problems.add(place, "tags (`!`) are not allowed", "remove the tag, or quote the value");
        } else if (libraryMessage.endsWith("but got {")) {
            problems.add(place, "unexpected brace", "put values with `${…}` in quotes");
        } else if (libraryMessage.isEmpty()) {
            problems.add(place, "not YAML 1.2 from here on", "check escapes and directives");
        } else {
            String firstSentence = libraryMessage.replaceAll("\\.?\\s*(\\(Do not use .*)?$", "");
            problems.add(
                    place, "not YAML: " + firstSentence, "check indentation, quotes and brackets here and just before");
        }
    }
}

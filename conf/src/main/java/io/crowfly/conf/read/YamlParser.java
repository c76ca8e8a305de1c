package io.crowfly.conf.read;

import io.crowfly.conf.read.field.ProblemCollector;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
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
 * From bytes to the tree of a YAML document, with YAML's traps closed.
 *
 * <p>The events are looked at before anything is composed of them, because composing recurses: a file of ten thousand
 * brackets would overflow the stack, and aliases would multiply what they stand for. A conf file needs neither aliases
 * nor tags nor a second document, so all three are refused rather than bounded.
 */
final class YamlParser {

    /** The conf nests six levels; what is deeper is a mistake or an attack. */
    private static final int MAX_DEPTH = 32;

    private static final LoadSettings SETTINGS = LoadSettings.builder()
            // Found by Fields instead, which goes on to the next problem.
            .setAllowDuplicateKeys(true)
            .setCodePointLimit(ConfReader.MAX_FILE_SIZE)
            .build();

    private final ProblemCollector problems;

    /** The end of the last event, for errors that don't say where they are. */
    private Optional<Mark> lastEventEnd = Optional.empty();

    YamlParser(ProblemCollector problems) {
        this.problems = problems;
    }

    /** Empty if there was a problem. */
    Optional<MappingNode> compose(byte[] bytes) {
        return decode(bytes).flatMap(text -> {
            try {
                return hasOnlyAllowedEvents(text) ? root(text) : Optional.empty();
            } catch (MarkedYamlEngineException e) {
                addSyntaxProblem(e.getProblemMark().or(() -> lastEventEnd), String.valueOf(e.getProblem()));
            } catch (RuntimeException e) {
                // An unknown version of YAML has no mark; and for an escape cut short (`"\\u00`) this library lets a
                // NumberFormatException out, of which no caller is to hear.
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
                addProblemAt(text, i, "a control character (" + name + ") may not stand in YAML", "remove it");
                return Optional.empty();
            }
        }
        return Optional.of(text);
    }

    private void addProblemAt(String text, int index, String what, String mend) {
        String before = text.substring(0, index);
        int lineStart = before.lastIndexOf('\n') + 1;
        int line = 1 + (int) before.chars().filter(c -> c == '\n').count();
        problems.add(line, 1 + before.codePointCount(lineStart, index), what, mend);
    }

    private boolean hasOnlyAllowedEvents(String text) {
        int documents = 0;
        int depth = 0;
        for (Event event : new Parse(SETTINGS).parseString(text)) {
            if (event instanceof DocumentStartEvent && ++documents > 1) {
                return refuse(event, "a second document starts here", "keep one document in a conf file");
            } else if (event instanceof CollectionStartEvent && ++depth > MAX_DEPTH) {
                return refuse(event, "nested deeper than " + MAX_DEPTH + " levels", "close what was opened before");
            } else if (event instanceof CollectionEndEvent) {
                depth--;
            }
            if (event instanceof AliasEvent) {
                return refuse(event, "aliases (`*`) are not allowed", "write the value out, or quote it");
            } else if (event instanceof NodeEvent node && node.getAnchor().isPresent()) {
                return refuse(event, "anchors (`&`) are not allowed", "write the value out, or quote it");
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
        problems.add(at.getStartMark().orElseThrow(), what, mend);
        return false;
    }

    private Optional<MappingNode> root(String text) {
        Optional<Node> root = new Compose(SETTINGS).composeString(text);
        if (root.isEmpty()) {
            problems.add(1, 1, "the file is empty", "write at least `listeners` and `backends`");
        } else if (root.get() instanceof MappingNode mapping) {
            return Optional.of(mapping);
        } else {
            problems.add(root.get(), "the file is not a mapping", "start it with `listeners:` and `backends:`");
        }
        return Optional.empty();
    }

    /** @param libraryMessage the library's words: they name characters and kinds of token, and nothing longer but a tag's handle */
    private void addSyntaxProblem(Optional<Mark> at, String libraryMessage) {
        int line = at.map(Mark::getLine).orElse(0) + 1;
        int column = at.map(Mark::getColumn).orElse(0) + 1;
        if (libraryMessage.contains("TAB")) {
            problems.add(line, column, "a tab can't indent YAML", "use spaces");
        } else if (libraryMessage.contains("tag handle")) {
            problems.add(line, column, "tags (`!`) are not allowed", "remove the tag, or quote the value");
        } else if (libraryMessage.endsWith("but got {")) {
            problems.add(line, column, "a brace stands where YAML expects none", "put values with `${…}` in quotes");
        } else if (libraryMessage.isEmpty()) {
            problems.add(line, column, "not YAML 1.2 from here on", "look at escapes and directives");
        } else {
            String firstSentence = libraryMessage.replaceAll("\\.?\\s*(\\(Do not use .*)?$", "");
            problems.add(
                    line,
                    column,
                    "not YAML: " + firstSentence,
                    "look at indentation, quotes and brackets here and just before");
        }
    }
}

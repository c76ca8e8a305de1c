package io.crowfly.conf.read.field;

import io.crowfly.conf.key.ValueType;
import io.crowfly.conf.value.Secret;
import io.crowfly.conf.value.SecretFile;
import io.crowfly.conf.value.SecretSource;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * One value of the conf file, with its name and place. A method that reads the value returns empty after it has
 * reported a problem, so that the caller can continue with the next value.
 *
 * @param name for messages: the key, or the list's key and an index
 * @param key YAML node of the key; for an item of a list, the item itself
 * @param value YAML node of the value
 */
public record Field(String name, Node key, Node value, ReadContext reading) {

    private static final int MAX_QUOTE_LENGTH = 60;

    /** Reports a problem with the place of the value. */
    public void problem(String what, String mend) {
        reading.problems().add(isNull() ? key : value, what, mend);
    }

    /** Adds a warning with the place of the value. */
    public void warning(String what, String mend) {
        reading.problems().warn(value, what, mend);
    }

    /** Reports a problem with the place of the key. */
    public void keyProblem(String what, String mend) {
        reading.problems().add(key, what, mend);
    }

    /**
     * Returns the value in backquotes, for messages, as the file contains it before substitution. Not for credentials.
     */
    public String quoted() {
        return quote(rawText());
    }

    public String quotedName() {
        return quote(name);
    }

    static String quote(String text) {
        return '`' + (text.length() > MAX_QUOTE_LENGTH ? text.substring(0, MAX_QUOTE_LENGTH) + "…" : text) + '`';
    }

    /**
     * Whether the key is text. For mappings whose keys the operator chooses, because YAML reads some keys as numbers or
     * booleans.
     */
    public boolean hasTextKey() {
        return key.getTag().equals(Tag.STR);
    }

    /** Returns the place of the value. */
    public Place place() {
        return Place.of(value);
    }

    public SectionFields fields(Section section) {
        return new SectionFields(section, this);
    }

    /** Returns the text after substitution; the text is never blank and never contains a control character. */
    public Optional<String> text() {
        if (!isScalar(Tag.STR)) {
            wrongType("text", value instanceof ScalarNode ? "put it in quotes" : "write one value");
            return Optional.empty();
        }
        return checkOneLine(reading.substitution().expand(value, rawText()));
    }

    /**
     * Returns the secret after substitution. If the whole value is {@code ${file:…}}, the file is not watched for a
     * reload, because the balancer itself reads the file again. The file is watched only while it has a problem.
     *
     * @param check reports further problems of the text and returns true if there are none
     */
    public Optional<SecretSource> secret(Predicate<String> check) {
        if (!isScalar(Tag.STR)) {
            return text().map(Secret::new);
        }
        Optional<Path> file = reading.substitution().referencedFile(value, rawText());
        Optional<String> text = checkOneLine(reading.substitution().expandUnwatched(value, rawText()))
                .filter(check);
        if (text.isEmpty()) {
            file.ifPresent(reading.files()::watch);
        }
        return text.map(secret -> file.<SecretSource>map(SecretFile::new).orElseGet(() -> new Secret(secret)));
    }

    /** Returns a field with the same name and place, but without a value. */
    public Field withoutValue() {
        Node nothing = new ScalarNode(Tag.NULL, true, "", ScalarStyle.PLAIN, value.getStartMark(), value.getEndMark());
        return new Field(name, key, nothing, reading);
    }

    /**
     * Returns a field with the name and value of an environment variable and the place of this field; empty if the
     * variable is not set.
     */
    Optional<Field> fromVariable(String variable) {
        Node text = new ScalarNode(
                Tag.STR, true, "${env:" + variable + "}", ScalarStyle.PLAIN, value.getStartMark(), value.getEndMark());
        return reading.substitution().isSet(variable)
                ? Optional.of(new Field(variable, key, text, reading))
                : Optional.empty();
    }

    private Optional<String> checkOneLine(Optional<String> expanded) {
        if (expanded.isPresent() && expanded.get().isBlank()) {
            problem(quotedName() + " is empty", "give it a value, or remove it");
            return Optional.empty();
        }
        if (expanded.isPresent() && expanded.get().chars().anyMatch(Character::isISOControl)) {
            problem(quotedName() + " contains a line break or another control character", "write one line of text");
            return Optional.empty();
        }
        return expanded;
    }

    /** Returns the path that the text names; a relative path starts at the directory of the file with this field. */
    public Optional<Path> path() {
        return text().flatMap(name -> {
            try {
                return Optional.of(reading.files().resolve(name, place().file()));
            } catch (InvalidPathException e) {
                problem(quoted() + " is not a valid file name on this system", "name another file");
                return Optional.empty();
            }
        });
    }

    public Optional<Boolean> flag() {
        if (!isScalar(Tag.BOOL)) {
            wrongType("true or false", "write true or false, without quotes");
            return Optional.empty();
        }
        return Optional.of(Boolean.parseBoolean(rawText()));
    }

    public Optional<Integer> integer(ValueType.Whole range) {
        String allowed = "write a whole number from " + range.min() + " to " + range.max() + ", without quotes";
        if (!isScalar(Tag.INT)) {
            wrongType("a whole number", allowed);
            return Optional.empty();
        }
        try {
            int number = Integer.parseInt(rawText());
            if (number >= range.min() && number <= range.max()) {
                return Optional.of(number);
            }
        } catch (NumberFormatException e) {
            // A number that is too large for an int is out of range too: continue with that problem.
        }
        problem(quotedName() + " is out of range: " + quoted(), allowed);
        return Optional.empty();
    }

    /** Returns the scalar as the file contains it, before substitution; the empty text if the value is not a scalar. */
    String rawText() {
        return value instanceof ScalarNode scalar ? scalar.getValue() : "";
    }

    /** Whether the file contains exactly this word as the value. */
    public boolean rawTextEquals(String word) {
        return value instanceof ScalarNode && rawText().equals(word);
    }

    /** Returns the items of a list. Reports a problem if the list is empty or the value is not a list. */
    public List<Field> items() {
        if (!(value instanceof SequenceNode sequence)) {
            wrongType("a list", "write [a, b], or a line `- …` for each item");
            return List.of();
        }
        if (sequence.getValue().isEmpty()) {
            problem(quotedName() + " is an empty list", "name at least one, or remove the key");
        }
        List<Field> items = new ArrayList<>();
        for (Node item : sequence.getValue()) {
            items.add(new Field(name + "[" + items.size() + "]", item, item, reading));
        }
        return items;
    }

    /**
     * Returns the entries of a mapping, in the file's order. Reports a second entry with the same key, and a value that
     * is not a mapping. A key without a value is an empty mapping, so that all lines of a section can be commented out.
     */
    public List<Field> entries() {
        return entries("a mapping", "write its keys as `key: value`, indented below it");
    }

    /**
     * Returns the entries of a mapping whose place may also hold a list, as {@link #entries} does. Call only if the
     * value is no {@linkplain #isList list}.
     *
     * @param mend advice for a value that is neither
     */
    public List<Field> entriesInsteadOfList(String mend) {
        return entries("a list or a mapping", mend);
    }

    private List<Field> entries(String expected, String mend) {
        if (isNull()) {
            return List.of();
        }
        if (!(value instanceof MappingNode mapping)) {
            wrongType(expected, mend);
            return List.of();
        }
        Map<String, Place> firstPlaces = new HashMap<>();
        List<Field> entries = new ArrayList<>();
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode entryKey)) {
                reading.problems().add(tuple.getKeyNode(), "a key must be plain text", "write `key: value`");
                continue;
            }
            Place place = Place.of(entryKey);
            Place first = firstPlaces.putIfAbsent(entryKey.getValue(), place);
            if (first != null) {
                reading.problems()
                        .add(place, "this key was given before, " + first.seenFrom(place), "remove one of them");
                continue;
            }
            entries.add(new Field(entryKey.getValue(), entryKey, tuple.getValueNode(), reading));
        }
        return entries;
    }

    /**
     * Whether the value is a mapping or absent. Only then is a missing entry reported; a value of the wrong type was
     * reported already.
     */
    public boolean mayHaveEntries() {
        return isNull() || value instanceof MappingNode;
    }

    public boolean isNumber() {
        return isScalar(Tag.INT);
    }

    public boolean isList() {
        return value instanceof SequenceNode;
    }

    public boolean isMapping() {
        return value instanceof MappingNode;
    }

    public boolean isEmptyMapping() {
        return isNull()
                || value instanceof MappingNode mapping && mapping.getValue().isEmpty();
    }

    private void wrongType(String expected, String mend) {
        if (isNull()) {
            problem(quotedName() + " has no value", "give it one, or remove the key");
        } else {
            problem(quotedName() + " must be " + expected + ", not " + typeName(), mend);
        }
    }

    private String typeName() {
        if (value instanceof MappingNode) {
            return "a mapping";
        } else if (value instanceof SequenceNode) {
            return "a list";
        } else if (isScalar(Tag.INT)) {
            return "a number";
        } else if (isScalar(Tag.FLOAT)) {
            return "a number with a fraction";
        }
        return isScalar(Tag.BOOL) ? "true or false" : "text";
    }

    private boolean isNull() {
        return isScalar(Tag.NULL);
    }

    boolean isScalar(Tag tag) {
        return value instanceof ScalarNode && value.getTag().equals(tag);
    }
}

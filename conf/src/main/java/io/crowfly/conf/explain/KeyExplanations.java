package io.crowfly.conf.explain;

import io.crowfly.conf.key.Key;
import io.crowfly.conf.read.field.Section;
import io.crowfly.conf.read.field.Spelling;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Explanations of the conf's keys for a terminal. A key is named by its path ({@code routing.retry.attempts}) or by the
 * end of its path; {@code []} may be left out.
 */
public final class KeyExplanations {

    /** Maximum number of characters in a line. */
    private static final int WIDTH = 96;

    private static final String INDENT = "  ";

    private final Map<String, Key> keys = new LinkedHashMap<>();

    public KeyExplanations() {
        for (Section section : Section.values()) {
            String prefix = section.path().isEmpty() ? "" : section.path() + ".";
            section.descriptions().forEach(key -> keys.put(prefix + key.name(), key));
        }
    }

    /** Returns the paths of all keys, in the order of the sections. */
    public Collection<String> paths() {
        return keys.keySet();
    }

    /** Returns the explanations of all keys with this path or this end of a path; empty if there is none. */
    public List<String> of(String path) {
        // The probes of a backend have the keys of the top-level section.
        String plain = withoutBrackets(path).replaceFirst("^backends\\.(?=probes\\.)", "");
        List<String> found = new ArrayList<>();
        keys.forEach((name, key) -> {
            if (withoutBrackets(name).equals(plain)) {
                found.add(explanation(name, key));
            }
        });
        if (found.isEmpty()) {
            keys.forEach((name, key) -> {
                if (withoutBrackets(name).endsWith("." + plain)) {
                    found.add(explanation(name, key));
                }
            });
        }
        return found;
    }

    /** Returns advice for a path that no key has: the most similar path, or the keys of the top level. */
    public String suggestion(String path) {
        List<String> known = new ArrayList<>();
        keys.keySet().forEach(name -> {
            known.add(withoutBrackets(name));
            known.add(name.substring(name.lastIndexOf('.') + 1));
        });
        return Spelling.nearest(withoutBrackets(path), known)
                .map(nearest -> "did you mean `" + nearest + "`?")
                .orElse("`crowfly explain` lists all keys");
    }

    /** Returns one line for each key: its path, type and default. */
    public String list() {
        StringBuilder list = new StringBuilder();
        keys.forEach((name, key) -> list.append(
                String.format("%-60s %s%s%n", name, PlainText.of(key.type().description()), ofDefault(key))));
        return list.toString();
    }

    private static String ofDefault(Key key) {
        if (key.isRequired()) {
            return ", required";
        }
        return key.defaultValue().isEmpty() ? "" : ", default: " + PlainText.of(key.defaultValue());
    }

    private String explanation(String name, Key key) {
        StringBuilder text = new StringBuilder(name).append('\n');
        line(text, "type", PlainText.of(key.type().description()));
        line(text, "default", PlainText.of(key.defaultValue()));
        line(text, "example", key.example());
        wrap(text, PlainText.of(key.meaning()));
        keys.keySet().stream()
                .filter(other -> other.startsWith(name + ".") || other.startsWith(name + "[]."))
                .filter(other -> other.indexOf('.', name.length() + 3) < 0)
                .forEach(other ->
                        text.append(INDENT).append("key      ").append(other).append('\n'));
        return text.toString();
    }

    private static void line(StringBuilder text, String title, String value) {
        if (!value.isEmpty()) {
            text.append(String.format("%s%-8s %s%n", INDENT, title, value));
        }
    }

    private static void wrap(StringBuilder text, String paragraph) {
        StringBuilder line = new StringBuilder(INDENT);
        for (String word : paragraph.split(" ")) {
            if (line.length() + word.length() > WIDTH) {
                text.append(line.toString().stripTrailing()).append('\n');
                line = new StringBuilder(INDENT);
            }
            line.append(word).append(' ');
        }
        text.append(line.toString().stripTrailing()).append('\n');
    }

    private static String withoutBrackets(String path) {
        return path.replace("[]", "");
    }
}

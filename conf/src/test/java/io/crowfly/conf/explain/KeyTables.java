package io.crowfly.conf.explain;

import io.crowfly.conf.key.Key;
import io.crowfly.conf.key.ValueType;
import io.crowfly.conf.read.field.Section;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writer of the tables of {@code docs/conf.md}. Before each table stands a comment with the paths of its sections: the
 * section whose keys have a row, and sections below it whose keys follow the row of their section. A dot is the top
 * level.
 */
final class KeyTables {

    private static final Pattern TABLE = Pattern.compile("<!-- keys: ([^>]+) -->\n((?:\\|.*\n)*)");

    private KeyTables() {}

    /** Returns the text with the tables of today. */
    static String inMarkdown(String text) {
        return TABLE.matcher(text).replaceAll(found -> {
            List<String> paths = List.of(found.group(1).split(" "));
            List<String> rows = new ArrayList<>();
            addRows(rows, "", section(paths.get(0)), Set.copyOf(paths));
            return Matcher.quoteReplacement("<!-- keys: " + found.group(1) + " -->\n"
                    + "| key | type | default | meaning |\n|---|---|---|---|\n" + String.join("", rows));
        });
    }

    /** Returns the paths of all sections that have a table in the text. */
    static Set<String> paths(String text) {
        Set<String> paths = new TreeSet<>();
        TABLE.matcher(text)
                .results()
                .forEach(found -> paths.addAll(List.of(found.group(1).split(" "))));
        return paths;
    }

    private static Section section(String path) {
        return path.equals(".") ? Section.FILE : Section.of(path);
    }

    private static void addRows(List<String> rows, String prefix, Section section, Set<String> paths) {
        for (Key key : section.descriptions()) {
            rows.add("| `" + prefix + key.name() + "` | " + key.type().description() + " | " + key.defaultValue()
                    + " | " + key.meaning() + " |\n");
            for (ValueType.Mapping below : mappings(key.type())) {
                if (paths.contains(below.section()) && below.section().startsWith(section.path() + ".")) {
                    String name = below.section().substring(section.path().length() + 1);
                    addRows(rows, prefix + name + ".", Section.of(below.section()), paths);
                }
            }
        }
    }

    static List<ValueType.Mapping> mappings(ValueType type) {
        if (type instanceof ValueType.Mapping mapping) {
            return List.of(mapping);
        } else if (type instanceof ValueType.Items items) {
            return mappings(items.item());
        } else if (type instanceof ValueType.Either either) {
            return either.types().stream()
                    .flatMap(each -> mappings(each).stream())
                    .toList();
        }
        return List.of();
    }
}

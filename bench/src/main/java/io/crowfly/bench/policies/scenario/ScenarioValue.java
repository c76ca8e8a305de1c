package io.crowfly.bench.policies.scenario;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** Value in a scenario file, with its position for messages. Reading stops at the first problem. */
final class ScenarioValue {

    private static final Pattern DURATION = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,6})?)(us|ms|s|m|h)");
    private static final Pattern SHARE = Pattern.compile("(\\d{1,3}(?:\\.\\d{1,4})?)%");
    private static final Pattern NUMBER = Pattern.compile("-?\\d{1,12}(?:\\.\\d{1,9})?");

    private final String file;
    private final Node node;

    ScenarioValue(String file, Node node) {
        this.file = file;
        this.node = node;
    }

    static ScenarioException problemAt(String file, Node node, String what) {
        return node.getStartMark()
                .map(mark -> new ScenarioException(
                        file + ":" + (mark.getLine() + 1) + ":" + (mark.getColumn() + 1) + ": " + what))
                .orElseThrow();
    }

    ScenarioException problem(String what) {
        return problemAt(file, node, what);
    }

    String text() throws ScenarioException {
        if (node instanceof ScalarNode scalar && !scalar.getValue().isEmpty()) {
            return scalar.getValue().strip();
        }
        throw problem("must be a text");
    }

    private Matcher matched(Pattern form, String expected) throws ScenarioException {
        String text = text();
        Matcher matcher = form.matcher(text);
        if (!matcher.matches()) {
            throw problem("must be " + expected + ", not " + text);
        }
        return matcher;
    }

    /** Returns the duration in nanoseconds. */
    double duration() throws ScenarioException {
        Matcher form = matched(DURATION, "a duration such as 250ms, 1.5s or 2m");
        double count = Double.parseDouble(form.group(1));
        return switch (form.group(2)) {
            case "us" -> count * 1e3;
            case "ms" -> count * 1e6;
            case "s" -> count * 1e9;
            case "m" -> count * 60e9;
            default -> count * 3600e9;
        };
    }

    long nanos() throws ScenarioException {
        return (long) duration();
    }

    /** Returns the share, from 0 to 1. */
    double share() throws ScenarioException {
        double share = Double.parseDouble(matched(SHARE, "a share such as 2.5%").group(1)) / 100;
        if (share > 1) {
            throw problem("must be at most 100%");
        }
        return share;
    }

    double number() throws ScenarioException {
        return Double.parseDouble(matched(NUMBER, "a number").group());
    }

    double positive() throws ScenarioException {
        double number = number();
        if (number <= 0) {
            throw problem("must be above 0");
        }
        return number;
    }

    int count() throws ScenarioException {
        double number = positive();
        if (number != (int) number) {
            throw problem("must be a whole number");
        }
        return (int) number;
    }

    boolean bool() throws ScenarioException {
        String text = text();
        if (!text.equals("true") && !text.equals("false")) {
            throw problem("must be true or false");
        }
        return text.equals("true");
    }

    <E extends Enum<E>> E oneOf(Class<E> type) throws ScenarioException {
        List<String> allowed = new ArrayList<>();
        for (E constant : type.getEnumConstants()) {
            String word = constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
            if (word.equals(text())) {
                return constant;
            }
            allowed.add(word);
        }
        throw problem("must be one of " + String.join(", ", allowed) + ", not " + text());
    }

    /** Returns the index of this value in a list of allowed names. */
    int indexIn(List<String> names, String what) throws ScenarioException {
        int index = names.indexOf(text());
        if (index < 0) {
            throw problem("no " + what + " is named " + text() + "; the names are " + String.join(", ", names));
        }
        return index;
    }

    boolean isMapping() {
        return node instanceof MappingNode;
    }

    ScenarioSection section() throws ScenarioException {
        return new ScenarioSection(file, node, entries());
    }

    /** Returns the items of this list. An empty list is a problem. */
    List<ScenarioValue> list() throws ScenarioException {
        if (!(node instanceof SequenceNode sequence) || sequence.getValue().isEmpty()) {
            throw problem("must be a list with at least one item");
        }
        List<ScenarioValue> items = new ArrayList<>();
        sequence.getValue().forEach(item -> items.add(new ScenarioValue(file, item)));
        return items;
    }

    /** Returns the entries of this mapping by key, in the order of the file. */
    Map<String, ScenarioValue> entries() throws ScenarioException {
        if (!(node instanceof MappingNode mapping)) {
            throw problem("must be a mapping, `key: value`");
        }
        Map<String, ScenarioValue> entries = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                throw problemAt(file, tuple.getKeyNode(), "a key must be plain text");
            }
            if (entries.put(key.getValue(), new ScenarioValue(file, tuple.getValueNode())) != null) {
                throw problemAt(file, key, "`" + key.getValue() + "` is given twice");
            }
        }
        return entries;
    }
}

package io.crowfly.balancer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Comparison of two confs in the JSON of the page {@code /conf}. Items with names are compared by their names. Secrets
 * are equal in the JSON, so a changed secret is not found.
 */
final class ConfDiff {

    private static final JsonFactory JSON = new JsonFactory();

    private final List<String> changes = new ArrayList<>();

    private ConfDiff() {}

    /**
     * Returns a line for each change, in the order of the conf.
     *
     * @param page the page {@code /conf} of an instance, with the conf in force
     * @param fresh the conf that a reload would put in force
     */
    static List<String> changes(String page, String fresh) throws IOException {
        Object inForce = object(page).get("conf");
        if (inForce == null) {
            throw new IOException("the page /conf has no conf; is this the admin address of Crowfly?");
        }
        ConfDiff diff = new ConfDiff();
        diff.compare("", inForce, object(fresh));
        return diff.changes;
    }

    private void compare(String path, Object before, Object after) {
        if (before.equals(after)) {
            return;
        }
        Optional<Map<?, ?>> former = entries(before);
        Optional<Map<?, ?>> fresh = entries(after);
        if (former.isEmpty() || fresh.isEmpty()) {
            changes.add("~ " + path + ": " + before + " -> " + after);
            return;
        }
        Set<Object> keys = new LinkedHashSet<>(former.get().keySet());
        keys.addAll(fresh.get().keySet());
        compareOrder(path, before, former.get(), fresh.get());
        for (Object key : keys) {
            Object left = former.get().get(key);
            Object right = fresh.get().get(key);
            String name =
                    before instanceof List ? path + "[" + key + "]" : path.isEmpty() ? "" + key : path + "." + key;
            if (left == null) {
                changes.add("+ " + name + summary(before, right));
            } else if (right == null) {
                changes.add("- " + name + summary(before, left));
            } else {
                compare(name, left, right);
            }
        }
    }

    /**
     * Adds a change if the items of a list that both sides have are in another order: the first matching rule decides.
     */
    private void compareOrder(String path, Object before, Map<?, ?> former, Map<?, ?> fresh) {
        if (!(before instanceof List)) {
            return;
        }
        List<Object> kept = new ArrayList<>(former.keySet());
        kept.retainAll(fresh.keySet());
        List<Object> order = new ArrayList<>(fresh.keySet());
        order.retainAll(former.keySet());
        if (!kept.equals(order)) {
            changes.add("~ " + path + ": " + kept + " -> " + order);
        }
    }

    /** Returns the value of an added or removed key; nothing for an item of a list, whose name says enough. */
    private static String summary(Object parent, Object value) {
        return parent instanceof List ? "" : ": " + value;
    }

    /** Returns the entries of an object, or of a list of objects with names; empty for every other value. */
    private static Optional<Map<?, ?>> entries(Object value) {
        if (value instanceof Map<?, ?> map) {
            return Optional.of(map);
        }
        if (!(value instanceof List<?> list)) {
            return Optional.empty();
        }
        Map<Object, Object> byName = new LinkedHashMap<>();
        for (Object item : list) {
            if (!(item instanceof Map<?, ?> map) || map.get("name") == null) {
                return Optional.empty();
            }
            byName.put(map.get("name"), map);
        }
        return Optional.of(byName);
    }

    private static Map<String, Object> object(String json) throws IOException {
        try (JsonParser parser = JSON.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("no JSON object");
            }
            return object(parser);
        }
    }

    private static Map<String, Object> object(JsonParser parser) throws IOException {
        Map<String, Object> object = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            object.put(name, value(parser));
        }
        return object;
    }

    private static Object value(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            return object(parser);
        }
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            return parser.getText();
        }
        List<Object> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            list.add(value(parser));
        }
        return list;
    }
}

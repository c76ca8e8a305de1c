package io.crowfly.balancer.provider;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/*
 * A semicolon separates parameters as an ampersand does. Older servers read it so (HTML 4 recommended it), and newer
 * ones do not. If only one of the two were a separator, `a=1;api-key=…` would hide a parameter.
 */

/** Reads and edits the query of a target as text, so that other parameters pass unchanged. */
final class Query {

    private Query() {}

    /** Returns whether the query has a parameter of these names. */
    static boolean has(String query, NameSet names) {
        return !valuesOf(query, names).isEmpty();
    }

    /**
     * Returns whether the query has a parameter that some servers read as one of these names. Such servers ignore
     * spaces around a name, or read {@code name[]} as a list.
     */
    static boolean hasSimilar(String query, NameSet names) {
        if (query.isEmpty()) {
            return false;
        }
        for (int start = 0, end; start <= query.length(); start = end + 1) {
            end = parameterEnd(query, start);
            if (names.contains(withoutIndex(name(query, start, end).strip()))) {
                return true;
            }
        }
        return false;
    }

    /** Returns the values of all parameters with these names, still encoded. */
    static List<String> valuesOf(String query, NameSet names) {
        if (query.isEmpty()) {
            return List.of();
        }
        List<String> values = new ArrayList<>(1);
        for (int start = 0, end; start <= query.length(); start = end + 1) {
            end = parameterEnd(query, start);
            if (names.contains(name(query, start, end))) {
                values.add(query.substring(Math.min(nameEnd(query, start, end) + 1, end), end));
            }
        }
        return values;
    }

    /** Returns the query without the parameters with these names. */
    static String without(String query, NameSet names) {
        return retain(query, name -> !names.contains(name));
    }

    /** Returns the query with the parameters whose decoded names pass. This is the same object if all names pass. */
    static String retain(String query, Predicate<String> passes) {
        if (query.isEmpty()) {
            return query;
        }
        StringBuilder kept = null;
        for (int start = 0, end; start <= query.length(); start = end + 1) {
            end = parameterEnd(query, start);
            boolean retained = passes.test(name(query, start, end));
            if (!retained && kept == null) {
                kept = new StringBuilder(query.length()).append(query, 0, Math.max(0, start - 1));
            } else if (retained && kept != null) {
                kept.append(query, kept.length() == 0 ? start : start - 1, end);
            }
        }
        return kept == null ? query : kept.toString();
    }

    /** Joins a path and the non-empty parts of a query. */
    static String join(String path, String... parts) {
        String target = path;
        char separator = '?';
        for (String part : parts) {
            if (!part.isEmpty()) {
                target = target + separator + part;
                separator = '&';
            }
        }
        return target;
    }

    /** Returns the name of a list or map: {@code include} for {@code include[]}. Other names are returned unchanged. */
    static CharSequence withoutIndex(CharSequence name) {
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) == '[') {
                return name.subSequence(0, i);
            }
        }
        return name;
    }

    private static int parameterEnd(String query, int start) {
        for (int at = start; at < query.length(); at++) {
            char c = query.charAt(at);
            if (c == '&' || c == ';') {
                return at;
            }
        }
        return query.length();
    }

    private static int nameEnd(String query, int start, int end) {
        int equals = query.indexOf('=', start);
        return equals < 0 || equals > end ? end : equals;
    }

    /** Returns the decoded name of the parameter; the name as it is, with its percent signs, if it is badly encoded. */
    private static String name(String query, int start, int end) {
        String name = query.substring(start, nameEnd(query, start, end));
        return name.indexOf('%') < 0 && name.indexOf('+') < 0
                ? name
                : PercentEncoding.decodeInQuery(name).orElse(name);
    }
}

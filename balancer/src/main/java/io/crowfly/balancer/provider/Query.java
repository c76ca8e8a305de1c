package io.crowfly.balancer.provider;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.StringJoiner;

/** Reads and edits the query of a target as text, so that other parameters pass unchanged. */
final class Query {

    private Query() {}

    /** Returns whether the query has the parameter. Ignores case, because Azure treats {@code API-Version} as equal. */
    static boolean has(String query, String name) {
        return !valuesOf(query, Set.of(name)).isEmpty();
    }

    /** Returns the values of all parameters with these names, still encoded. @param names in lower case */
    static List<String> valuesOf(String query, Set<String> names) {
        if (query.isEmpty()) {
            return List.of();
        }
        List<String> values = new ArrayList<>(1);
        for (String parameter : query.split("&")) {
            if (names.contains(name(parameter))) {
                values.add(parameter.substring(Math.min(parameter.length(), nameLength(parameter) + 1)));
            }
        }
        return values;
    }

    /** Returns the query without the parameters with these names. @param names in lower case */
    static String without(String query, Set<String> names) {
        if (query.isEmpty()) {
            return query;
        }
        StringJoiner kept = new StringJoiner("&");
        for (String parameter : query.split("&")) {
            if (!names.contains(name(parameter))) {
                kept.add(parameter);
            }
        }
        return kept.toString();
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

    private static String name(String parameter) {
        String name = parameter.substring(0, nameLength(parameter));
        return PercentEncoding.decodeInQuery(name).orElse(name).toLowerCase(Locale.ROOT);
    }

    private static int nameLength(String parameter) {
        int equals = parameter.indexOf('=');
        return equals < 0 ? parameter.length() : equals;
    }
}

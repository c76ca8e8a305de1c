package io.crowfly.balancer.provider;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.StringJoiner;

/** The part of a target behind the question mark, without taking apart what nobody asks about. */
final class Query {

    private Query() {}

    /** Whether it has a parameter of the name, whatever its case: Azure does not tell {@code API-Version} apart. */
    static boolean has(String query, String name) {
        return !valuesOf(query, Set.of(name)).isEmpty();
    }

    /** The values of all parameters of these names, as they are encoded. @param names in lower case */
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

    /** The query without the parameters of these names, the others as they are. @param names in lower case */
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

    /** A path with a query of these parts, those that are not empty. */
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

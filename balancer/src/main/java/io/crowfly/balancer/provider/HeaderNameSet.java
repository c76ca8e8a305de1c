package io.crowfly.balancer.provider;

import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Set of header names, for the dialects' rules. The lookup ignores case and allocates nothing, because every header of
 * every request is looked up.
 */
final class HeaderNameSet {

    private static final String[] NONE = {};

    /** Names by their first character. */
    private final String[][] buckets = new String[128][];

    /** @param names in lower case; a final {@code *} matches any suffix */
    HeaderNameSet(Collection<String> names) {
        Map<Character, List<String>> byFirst = new HashMap<>();
        names.forEach(name -> byFirst.computeIfAbsent(name.charAt(0), first -> new ArrayList<>())
                .add(name));
        for (char first = 0; first < buckets.length; first++) {
            buckets[first] = byFirst.getOrDefault(first, List.of()).toArray(NONE);
        }
    }

    static HeaderNameSet of(String... names) {
        return new HeaderNameSet(List.of(names));
    }

    boolean contains(CharSequence name) {
        char first = name.length() == 0 ? 0 : AsciiString.toLowerCase(name.charAt(0));
        for (String each : first < buckets.length ? buckets[first] : NONE) {
            if (each.charAt(each.length() - 1) == '*'
                    ? AsciiString.regionMatches(name, true, 0, each, 0, each.length() - 1)
                    : AsciiString.contentEqualsIgnoreCase(name, each)) {
                return true;
            }
        }
        return false;
    }
}

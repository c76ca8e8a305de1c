package io.crowfly.conf;

import java.util.Set;

/**
 * Web pages that may use a listener from a browser, {@code listeners[].cors}.
 *
 * @param anyOrigin whether pages of every origin may
 * @param origins origins as browsers send them, for example {@code https://chat.contoso.com}; empty with {@code
 *     anyOrigin}
 */
public record Cors(boolean anyOrigin, Set<String> origins) {

    /** Stands for every origin. */
    public static final String ANY = "*";

    public Cors {
        origins = Set.copyOf(origins);
    }

    public boolean allows(String origin) {
        return anyOrigin || origins.contains(origin);
    }
}

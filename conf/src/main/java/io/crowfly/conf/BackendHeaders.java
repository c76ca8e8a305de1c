package io.crowfly.conf;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What of a request's head is different for one backend.
 *
 * @param set sent with every request in place of the client's, by lower-case name; the values may be secrets
 * @param pass lower-case names of headers that are let through though they would be withheld from this provider
 */
public record BackendHeaders(Map<String, SecretSource> set, List<Glob> pass) {

    public static final BackendHeaders USUAL = new BackendHeaders(Map.of(), List.of());

    public BackendHeaders {
        set = Map.copyOf(new LinkedHashMap<>(set));
        pass = List.copyOf(pass);
    }
}

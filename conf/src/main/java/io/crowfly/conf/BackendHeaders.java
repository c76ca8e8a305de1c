package io.crowfly.conf;

import io.crowfly.conf.value.Glob;
import io.crowfly.conf.value.SecretSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Request headers that Crowfly sets for one backend, and headers and query parameters of clients that Crowfly passes.
 *
 * @param set headers by lower-case name; each replaces the client's header of the same name; values may be secrets
 * @param pass patterns of lower-case names; a client's header or parameter that matches is forwarded although this
 *     provider's default is to remove it
 */
public record BackendHeaders(Map<String, SecretSource> set, List<Glob> pass) {

    public static final BackendHeaders NONE = new BackendHeaders(Map.of(), List.of());

    public BackendHeaders {
        set = Map.copyOf(new LinkedHashMap<>(set));
        pass = List.copyOf(pass);
    }
}

package io.crowfly.conf;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Every mapping of the conf file and the keys it knows: the vocabulary in one place, so that a misplaced key can be told
 * where it belongs, and a key whose feature is still to come is refused by its name.
 */
enum Section {
    FILE(
            "at the top level",
            List.of(
                    "region",
                    "listeners",
                    "admin",
                    "backends",
                    "probes",
                    "routing",
                    "timeouts",
                    "limits",
                    "access-log",
                    "trace-decisions")),
    LISTENER("listeners[]", List.of("name", "bind", "protocols", "tls")),
    LISTENER_TLS("listeners[].tls", List.of("certificates")),
    CERTIFICATE("listeners[].tls.certificates[]", List.of("cert", "key")),
    ADMIN("admin", List.of("bind")),
    BACKEND(
            "backends[]",
            List.of(
                    "name",
                    "provider",
                    "url",
                    "region",
                    "project",
                    "location",
                    "tier",
                    "labels",
                    "credential",
                    "models",
                    "probes",
                    "tls")),
    BACKEND_TLS("backends[].tls", List.of("ca")),
    CREDENTIAL(
            "backends[].credential",
            List.of("api-key", "bearer"),
            Map.of(
                    "service-account", "use `bearer` with a token",
                    "metadata-server", "use `bearer` with a token",
                    "workload-identity-federation", "use `bearer` with a token",
                    "entra", "use `api-key`, or `bearer` with a token",
                    "managed-identity", "use `api-key`, or `bearer` with a token",
                    "passthrough", "remove `credential`, or use `api-key` or `bearer`")),
    PROBES(
            "probes",
            List.of("interval", "timeout", "healthy-after", "unhealthy-after", "http", "tcp", "tls", "inference")),
    HTTP_PROBE("probes.http", List.of("path", "expect", "reuse-connection")),
    TCP_PROBE("probes.tcp", List.of()),
    TLS_PROBE("probes.tls", List.of()),
    INFERENCE_PROBE("probes.inference", List.of("model", "reuse-connection")),
    ROUTING(
            "routing",
            List.of(
                    "policy",
                    "objective",
                    "tolerance",
                    "tier-tolerance",
                    "rules",
                    "retry",
                    "exploration",
                    "panic",
                    "hedge")),
    RULE("routing.rules[]", List.of("name", "when", "only", "share")),
    WHEN("routing.rules[].when", List.of("path", "model", "header")),
    ONLY("routing.rules[].only", List.of("provider", "region", "labels", "backends")),
    RETRY("routing.retry", List.of("attempts", "budget")),
    HEDGE("routing.hedge", List.of("budget")),
    TIMEOUTS("timeouts", List.of("connect", "first-byte", "idle", "body", "keepalive", "drain")),
    LIMITS("limits", List.of("connections", "head-size", "body-size", "held-size", "held-total"));

    private final String label;
    private final List<String> keys;
    private final Map<String, String> notBuiltYet;

    Section(String label, List<String> keys) {
        this(label, keys, Map.of());
    }

    Section(String label, List<String> keys, Map<String, String> notBuiltYet) {
        this.label = label;
        this.keys = keys;
        this.notBuiltYet = notBuiltYet;
    }

    /** Where it stands in the file, for messages. */
    String where() {
        return this == FILE ? label : "in `" + label + "`";
    }

    /** The same for one of several that have names. */
    Optional<String> where(String quotedName) {
        return switch (this) {
            case LISTENER -> Optional.of("in listener " + quotedName);
            case BACKEND -> Optional.of("in backend " + quotedName);
            case RULE -> Optional.of("in rule " + quotedName);
            default -> Optional.empty();
        };
    }

    List<String> keys() {
        return keys;
    }

    /** What to do about a key that the design has and this version has not. */
    Optional<String> mendOfNotBuilt(String key) {
        return Optional.ofNullable(notBuiltYet.get(key));
    }

    /** How to mend a key that this section does not know. */
    String mendOfUnknown(String key) {
        // In flow style {key:value} is one long key.
        Optional<String> glued =
                keys.stream().filter(known -> key.startsWith(known + ":")).findFirst();
        if (glued.isPresent()) {
            return "put a space behind `" + glued.get() + ":`";
        }
        Optional<String> near = Spelling.nearest(key, keys);
        if (near.isPresent()) {
            return "did you mean `" + near.get() + "`?";
        }
        Optional<Section> home = Arrays.stream(values())
                .filter(other -> other != this && other.keys.contains(key))
                .max(Comparator.comparingInt(this::kinship));
        if (home.isPresent()) {
            return "it belongs " + home.get().where();
        }
        return keys.isEmpty() ? "remove it: nothing is set here" : "known here: " + String.join(", ", keys);
    }

    /** How near another section is: a key that several know was probably meant for the nearest. */
    private int kinship(Section other) {
        return Arrays.mismatch(label.toCharArray(), other.label.toCharArray());
    }
}

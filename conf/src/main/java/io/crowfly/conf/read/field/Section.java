package io.crowfly.conf.read.field;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The sections (mappings) of the conf file, with the keys that each allows. All are in one place, so that a message
 * about a misplaced key can name the section that has the key.
 */
public enum Section {
    FILE(
            "at the top level",
            List.of(
                    "include",
                    "region",
                    "listeners",
                    "admin",
                    "backends",
                    "probes",
                    "routing",
                    "timeouts",
                    "limits",
                    "state",
                    "access-log",
                    "trace-decisions")),
    LISTENER("listeners[]", List.of("name", "bind", "protocols", "tls", "cors")),
    CORS("listeners[].cors", List.of("origins")),
    LISTENER_TLS("listeners[].tls", List.of("certificates")),
    CERTIFICATE("listeners[].tls.certificates[]", List.of("cert", "key")),
    ADMIN("admin", List.of("bind", "hosts", "token")),
    BACKEND(
            "backends[]",
            List.of(
                    "name",
                    "provider",
                    "url",
                    "region",
                    "api",
                    "api-version",
                    "base-path",
                    "project",
                    "location",
                    "endpoint",
                    "tier",
                    "labels",
                    "credential",
                    "models",
                    "headers",
                    "probes",
                    "tls")),
    BACKEND_TLS("backends[].tls", List.of("ca")),
    CREDENTIAL(
            "backends[].credential",
            List.of(
                    "api-key",
                    "bearer",
                    "entra",
                    "managed-identity",
                    "service-account",
                    "metadata-server",
                    "workload-identity-federation",
                    "passthrough")),
    ENTRA(
            "backends[].credential.entra",
            List.of("tenant", "client-id", "client-secret", "federated-token-file", "scope", "authority")),
    MANAGED_IDENTITY(
            "backends[].credential.managed-identity",
            List.of("resource", "client-id", "object-id", "resource-id", "endpoint")),
    SERVICE_ACCOUNT("backends[].credential.service-account", List.of("file", "self-signed", "scopes")),
    METADATA_SERVER("backends[].credential.metadata-server", List.of("host", "account", "scopes")),
    WORKLOAD_IDENTITY_FEDERATION(
            "backends[].credential.workload-identity-federation",
            List.of("audience", "subject-token-file", "subject-token-type", "sts", "impersonate", "scopes")),
    HEADERS("backends[].headers", List.of("set", "pass")),
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
                    "hedge",
                    "unknown-models")),
    RULE("routing.rules[]", List.of("name", "when", "only", "refuse", "share")),
    WHEN("routing.rules[].when", List.of("path", "model", "header")),
    ONLY("routing.rules[].only", List.of("provider", "region", "labels", "backends")),
    RETRY("routing.retry", List.of("attempts", "budget")),
    HEDGE("routing.hedge", List.of("budget")),
    TIMEOUTS(
            "timeouts",
            List.of("head", "connect", "first-byte", "commit", "idle", "body", "body-window", "keepalive", "drain")),
    LIMITS(
            "limits",
            List.of("connections", "head-size", "body-size", "upload-size", "body-rate", "held-size", "held-total")),
    STATE("state", List.of("default-owner", "ttl", "ids", "redis")),
    REDIS("state.redis", List.of("url", "timeout"));

    private final String label;
    private final List<String> keys;

    Section(String label, List<String> keys) {
        this.label = label;
        this.keys = keys;
    }

    /** Returns the section's place in the file, for messages, for example "in `routing`". */
    String where() {
        return this == FILE ? label : "in `" + label + "`";
    }

    /**
     * Returns the place of a named item, for messages, for example "in backend `a`"; empty if items of this section
     * have no names.
     */
    Optional<String> where(String quotedName) {
        return switch (this) {
            case LISTENER -> Optional.of("in listener " + quotedName);
            case BACKEND -> Optional.of("in backend " + quotedName);
            case RULE -> Optional.of("in rule " + quotedName);
            default -> Optional.empty();
        };
    }

    public List<String> keys() {
        return keys;
    }

    /**
     * Whether the section holds secrets. If it does, an unknown key may be a misplaced secret and must not be quoted.
     */
    boolean holdsSecrets() {
        return label.startsWith(CREDENTIAL.label) || this == REDIS || this == ADMIN;
    }

    /** Returns advice for an unknown key: the probable spelling, or the section to which the key belongs. */
    String mendUnknownKey(String key) {
        // Without a space, YAML reads {key:value} as one long key.
        Optional<String> keyBeforeColon =
                keys.stream().filter(known -> key.startsWith(known + ":")).findFirst();
        if (keyBeforeColon.isPresent()) {
            return "put a space after `" + keyBeforeColon.get() + ":`";
        }
        Optional<String> nearest = Spelling.nearest(key, keys);
        if (nearest.isPresent()) {
            return "did you mean `" + nearest.get() + "`?";
        }
        Optional<Section> owner = Arrays.stream(values())
                .filter(other -> other != this && other.keys.contains(key))
                .max(Comparator.comparingInt(this::sharedPrefixLength));
        if (owner.isPresent()) {
            return "it belongs " + owner.get().where();
        }
        return keys.isEmpty() ? "remove it: this section has no keys" : "known keys: " + String.join(", ", keys);
    }

    /**
     * Returns the length of the common prefix of both labels. If several sections have a misplaced key, the one with
     * the longest common prefix is probably meant.
     */
    private int sharedPrefixLength(Section other) {
        return Arrays.mismatch(label.toCharArray(), other.label.toCharArray());
    }
}

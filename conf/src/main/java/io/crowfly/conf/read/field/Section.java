package io.crowfly.conf.read.field;

import io.crowfly.conf.key.BackendKeys;
import io.crowfly.conf.key.CredentialKeys;
import io.crowfly.conf.key.Key;
import io.crowfly.conf.key.LimitKeys;
import io.crowfly.conf.key.RoutingKeys;
import io.crowfly.conf.key.TopLevelKeys;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The sections (mappings) of the conf file, with the keys that each allows. All are in one place, so that a message
 * about a misplaced key can name the section that has the key.
 */
public enum Section {
    FILE("at the top level", TopLevelKeys.FILE),
    LISTENER("listeners[]", TopLevelKeys.LISTENER),
    CORS("listeners[].cors", TopLevelKeys.CORS),
    LISTENER_TLS("listeners[].tls", TopLevelKeys.LISTENER_TLS),
    CERTIFICATE("listeners[].tls.certificates[]", TopLevelKeys.CERTIFICATE),
    ADMIN("admin", TopLevelKeys.ADMIN),
    BACKEND("backends[]", BackendKeys.BACKEND),
    BACKEND_TLS("backends[].tls", BackendKeys.BACKEND_TLS),
    CREDENTIAL("backends[].credential", CredentialKeys.CREDENTIAL),
    ENTRA("backends[].credential.entra", CredentialKeys.ENTRA),
    MANAGED_IDENTITY("backends[].credential.managed-identity", CredentialKeys.MANAGED_IDENTITY),
    SERVICE_ACCOUNT("backends[].credential.service-account", CredentialKeys.SERVICE_ACCOUNT),
    METADATA_SERVER("backends[].credential.metadata-server", CredentialKeys.METADATA_SERVER),
    WORKLOAD_IDENTITY_FEDERATION(
            "backends[].credential.workload-identity-federation", CredentialKeys.WORKLOAD_IDENTITY_FEDERATION),
    HEADERS("backends[].headers", BackendKeys.HEADERS),
    PROBES("probes", BackendKeys.PROBES),
    HTTP_PROBE("probes.http", BackendKeys.HTTP_PROBE),
    TCP_PROBE("probes.tcp", BackendKeys.TCP_PROBE),
    TLS_PROBE("probes.tls", BackendKeys.TLS_PROBE),
    INFERENCE_PROBE("probes.inference", BackendKeys.INFERENCE_PROBE),
    ROUTING("routing", RoutingKeys.ROUTING),
    RULE("routing.rules[]", RoutingKeys.RULE),
    WHEN("routing.rules[].when", RoutingKeys.WHEN),
    ONLY("routing.rules[].only", RoutingKeys.ONLY),
    RETRY("routing.retry", RoutingKeys.RETRY),
    HEDGE("routing.hedge", RoutingKeys.HEDGE),
    TIMEOUTS("timeouts", LimitKeys.TIMEOUTS),
    LIMITS("limits", LimitKeys.LIMITS),
    STATE("state", TopLevelKeys.STATE),
    REDIS("state.redis", TopLevelKeys.REDIS);

    private final String label;
    private final List<Key> descriptions;
    private final List<String> keys;

    Section(String label, List<Key> descriptions) {
        this.label = label;
        this.descriptions = descriptions;
        this.keys = descriptions.stream().map(Key::name).toList();
    }

    /** Returns the section with a label, for example {@code listeners[].tls}. */
    public static Section of(String label) {
        return Arrays.stream(values())
                .filter(section -> section.label.equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no section " + label));
    }

    /** Returns the path of the section's keys: {@code listeners[].tls}; empty at the top level. */
    public String path() {
        return this == FILE ? "" : label;
    }

    /** Returns the descriptions of the keys, in the order of {@link #keys}. */
    public List<Key> descriptions() {
        return descriptions;
    }

    /** Returns whether a mapping must have exactly one of the keys. */
    public boolean hasExactlyOneKey() {
        return this == CREDENTIAL;
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

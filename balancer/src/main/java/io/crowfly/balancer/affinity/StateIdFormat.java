package io.crowfly.balancer.affinity;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Format of the ids that Crowfly accepts from clients and backends. The format is strict because ids are kept in memory
 * and sent to Redis.
 */
public final class StateIdFormat {

    /** Twice the length of the ids that clouds create, in characters. */
    static final int MAX_LENGTH = 128;

    private static final String SECRET_PREFIX = "sha256:";

    private StateIdFormat() {}

    /**
     * Returns whether a response or a path that names the id may set its owner. An id that stands for a secret is
     * excluded. Otherwise a client could make Crowfly send an invented secret to a backend.
     */
    static boolean mayBeRecorded(String id) {
        return isWellFormed(id) && !id.startsWith(SECRET_PREFIX);
    }

    /** Returns whether the id is printable ASCII without blanks, and not too long. */
    static boolean isWellFormed(String id) {
        return !id.isEmpty() && id.length() <= MAX_LENGTH && id.chars().allMatch(c -> c > ' ' && c <= '~');
    }

    /**
     * Returns the id that stands for a secret of one backend, such as a realtime client secret. A reader of Redis can
     * see which backend accepts the secret, but not the secret.
     */
    public static String fromSecret(String secret) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
            return SECRET_PREFIX + HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}

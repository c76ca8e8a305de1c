package io.crowfly.balancer.affinity;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Rules for the ids of stored objects that Crowfly accepts from clients and backends. The rules are strict because ids
 * are kept in memory and sent to Redis.
 */
public final class StateIdFormat {

    /** Maximum length of an id in characters: twice the length of the ids that clouds create. */
    static final int MAX_LENGTH = 128;

    private static final String SECRET_PREFIX = "sha256:";

    private StateIdFormat() {}

    /**
     * Returns whether a response or a path that contains the id may record its owner. An id derived from a secret may
     * not be recorded in this way. Otherwise a client could make Crowfly send an invented secret to a backend.
     */
    static boolean mayBeRecorded(String id) {
        return isWellFormed(id) && !id.startsWith(SECRET_PREFIX);
    }

    /** Returns whether the id is printable ASCII without spaces, and not too long. */
    static boolean isWellFormed(String id) {
        return !id.isEmpty() && id.length() <= MAX_LENGTH && id.chars().allMatch(c -> c > ' ' && c <= '~');
    }

    /**
     * Returns the id under which the owner of a secret is recorded, for example of a realtime client secret. It is a
     * hash, so a reader of Redis learns which backend accepts the secret, but not the secret.
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

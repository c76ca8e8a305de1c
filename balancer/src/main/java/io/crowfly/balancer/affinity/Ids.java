package io.crowfly.balancer.affinity;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** What of all that clients and backends send may be taken for an id: it is kept in memory, and sent to Redis. */
public final class Ids {

    /** Twice as long as the ids that clouds give, in characters. */
    static final int MAX_LENGTH = 128;

    private Ids() {}

    /** Whether it is of printable ASCII without blanks, and not too long. */
    static boolean plausible(String id) {
        return !id.isEmpty() && id.length() <= MAX_LENGTH && id.chars().allMatch(c -> c > ' ' && c <= '~');
    }

    /**
     * What stands for a secret that belongs to one backend, as those of realtime sessions do: whoever reads Redis may know
     * where one is good, but not the secret.
     */
    public static String ofSecret(String secret) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
            return "sha256:" + HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has it", e);
        }
    }
}

package io.crowfly.balancer.affinity;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** What of all that clients and backends send may be taken for an id: it is kept in memory, and sent to Redis. */
public final class Ids {

    /** Twice as long as the ids that clouds give, in characters. */
    static final int MAX_LENGTH = 128;

    private static final String OF_SECRET = "sha256:";

    private Ids() {}

    /**
     * Whether an answer or a path that names it may teach where it is kept. What stands for a secret is nothing that they may
     * name: whoever could have that learned would have a backend shown a secret of its own making.
     */
    static boolean plausible(String id) {
        return askable(id) && !id.startsWith(OF_SECRET);
    }

    /** Whether it is of printable ASCII without blanks, and not too long. */
    static boolean askable(String id) {
        return !id.isEmpty() && id.length() <= MAX_LENGTH && id.chars().allMatch(c -> c > ' ' && c <= '~');
    }

    /**
     * What stands for a secret that belongs to one backend, as those of realtime sessions do: whoever reads Redis may know
     * where one is good, but not the secret.
     */
    public static String ofSecret(String secret) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
            return OF_SECRET + HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has it", e);
        }
    }
}

package io.crowfly.balancer.affinity;

/** What of all that clients and backends send may be taken for an id: it is kept in memory, and sent to Redis. */
final class Ids {

    /** Twice as long as the ids that clouds give, in characters. */
    static final int MAX_LENGTH = 128;

    private Ids() {}

    /** Whether it is of printable ASCII without blanks, and not too long. */
    static boolean plausible(String id) {
        return !id.isEmpty() && id.length() <= MAX_LENGTH && id.chars().allMatch(c -> c > ' ' && c <= '~');
    }
}

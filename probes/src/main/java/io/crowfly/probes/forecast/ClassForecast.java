package io.crowfly.probes.forecast;

/**
 * Figures of one class of requests that hold at every backend. Immutable.
 *
 * @param sizeEffects for each {@linkplain #sizeNode node} of body size, the natural logarithm of its factor on service
 *     time; callers must not change the array
 * @param sizesSeen one bit for each node; set if a request of about that size has been seen
 * @param expectedTokens expected number of tokens in a response after the first; 0 if unknown
 * @param recentResponses about the number of responses in the last minute; finds the busiest classes
 */
public record ClassForecast(double[] sizeEffects, int sizesSeen, double expectedTokens, double recentResponses) {

    /** Body size at the first node. A smaller body is treated as one of this size. */
    static final int FIRST_NODE_BYTES = 512;

    /** Number of nodes. The last one is at 1 MiB; a larger body is treated as one of that size. */
    public static final int NODES = 12;

    /** Returns the node nearest to a body's size on a logarithmic scale. */
    public static int sizeNode(long requestBytes) {
        long units = requestBytes / FIRST_NODE_BYTES;
        int lower = units <= 1 ? 0 : 63 - Long.numberOfLeadingZeros(units);
        // The geometric mean of two nodes is at the square root of two, here rounded to 1.4.
        boolean upper = requestBytes * 10 > 14L * ((long) FIRST_NODE_BYTES << lower);
        return Math.min(NODES - 1, upper ? lower + 1 : lower);
    }
}

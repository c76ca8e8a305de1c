package io.crowfly.probes.forecast;

/**
 * Figures of one class of requests that are the same at every backend: effect of the body's size, expected tokens,
 * recent traffic. Immutable.
 *
 * @param sizeEffects for each {@linkplain #sizeNode node} of body size, the natural logarithm of the node's factor on
 *     service time; callers must not change the array
 * @param sizesSeen one bit for each node; set if a request of about that size has been seen
 * @param expectedTokens expected number of tokens in a response after the first; 0 if unknown
 * @param recentResponses about the number of responses in the last minute; used to find the busiest classes
 */
public record ClassForecast(double[] sizeEffects, int sizesSeen, double expectedTokens, double recentResponses) {

    /** Body size at the first node of the size scale. A smaller body is treated as a body of this size. */
    static final int FIRST_NODE_BYTES = 512;

    /**
     * Number of nodes of the size scale, a factor of two apart. The last node is at 1 MiB; a larger body is treated as
     * a body of that size.
     */
    public static final int NODES = 12;

    /** Returns the node nearest to a body's size on the logarithmic size scale. */
    public static int sizeNode(long requestBytes) {
        long units = requestBytes / FIRST_NODE_BYTES;
        int lower = units <= 1 ? 0 : 63 - Long.numberOfLeadingZeros(units);
        // The border between two nodes is their geometric mean: the square root of two, here 1.4, times the lower one.
        boolean upper = requestBytes * 10 > 14L * ((long) FIRST_NODE_BYTES << lower);
        return Math.min(NODES - 1, upper ? lower + 1 : lower);
    }
}

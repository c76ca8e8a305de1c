package io.crowfly.probes;

/**
 * What holds for a class of requests at every backend. Immutable.
 *
 * @param sizeEffects natural logarithms of the factor on service time for each {@linkplain #node node} of the body's size;
 *     not to be changed
 * @param sizesSeen a bit for each node that requests have been near
 * @param tokens expected in an answer after the first; 0 if not known
 * @param recentAnswers about as many as came within the last minute: by which the busiest classes are known
 */
public record ClassOutlook(double[] sizeEffects, int sizesSeen, double tokens, double recentAnswers) {

    /** Where the first node stands; a smaller body is like one of that size. */
    static final int SMALLEST_BYTES = 512;

    /** Up to a mebibyte; a larger body is like one of that size. */
    public static final int NODES = 12;

    /** The node nearest to a body's size, on a logarithmic scale. */
    public static int node(long requestBytes) {
        long units = requestBytes / SMALLEST_BYTES;
        int lower = units <= 1 ? 0 : 63 - Long.numberOfLeadingZeros(units);
        // The geometric middle between two nodes is at the root of two.
        boolean upper = requestBytes * 10 > 14L * ((long) SMALLEST_BYTES << lower);
        return Math.min(NODES - 1, upper ? lower + 1 : lower);
    }
}

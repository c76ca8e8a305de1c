package io.crowfly.probes;

/**
 * What holds for a class of requests at every backend. Immutable.
 *
 * @param sizeEffects natural logarithms of the factor on service time for each {@linkplain #node node} of the body's size;
 *     not to be changed
 * @param sizesSeen a bit for each node that requests have been near
 * @param tokens expected in an answer after the first; 0 if not known
 */
public record ClassOutlook(double[] sizeEffects, int sizesSeen, double tokens) {

    /** The node nearest to a body's size. */
    public static int node(long requestBytes) {
        return SizeEffect.node(requestBytes);
    }
}

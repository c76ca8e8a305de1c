package io.crowfly.probes;

/**
 * How the size of a request's body bears on its service time, for one class over all backends: a factor for each size,
 * relative to the sizes that are ordinary in this class. What a prompt costs to read is a matter of the model more than of
 * where it runs, so that all backends' samples teach the same curve, and a backend that happened to get the long prompts
 * doesn't look slow.
 *
 * <p>The curve is linear between nodes a factor of two apart, on logarithmic scales both ways. Confined to one thread.
 */
final class SizeEffect {

    private static final int NODES = ClassOutlook.NODES;

    /** A node's value is a mean over about so many samples, fewer while it has had fewer. */
    private static final double MEMORY = 300;

    private static final double PRIOR_WEIGHT = 10;

    private static final double LN_2 = StrictMath.log(2);

    private final double[] values = new double[NODES];
    private final double[] samples = new double[NODES];
    private double ordinary;

    /** Place on the axis of nodes, from 0 to {@link #NODES} - 1. */
    static double place(long bytes) {
        double doublings = StrictMath.log(StrictMath.max(1, bytes) / (double) ClassOutlook.SMALLEST_BYTES) / LN_2;
        return StrictMath.max(0, StrictMath.min(NODES - 1, doublings));
    }

    /** Natural logarithm of the factor. */
    double at(long bytes) {
        return atPlace(place(bytes)) - ordinary;
    }

    /** The same for each node. */
    double[] nodes() {
        double[] nodes = new double[NODES];
        for (int node = 0; node < NODES; node++) {
            nodes[node] = atPlace(node) - ordinary;
        }
        return nodes;
    }

    /** @param residual of the sample's logarithm to what the level and {@link #at} gave, outliers cut */
    void learn(long bytes, double residual) {
        double place = place(bytes);
        int lower = (int) place;
        double share = place - lower;
        ordinary += (atPlace(place) - ordinary) / MEMORY;
        learnNode(lower, 1 - share, residual);
        if (share > 0) {
            learnNode(lower + 1, share, residual);
        }
    }

    private void learnNode(int node, double share, double residual) {
        samples[node] += share;
        values[node] += share * residual / StrictMath.min(MEMORY, PRIOR_WEIGHT + samples[node]);
    }

    /** A node that has no samples of its own follows its neighbour. */
    private double atPlace(double place) {
        int lower = (int) place;
        double share = place - lower;
        double value = value(lower);
        return share > 0 ? value + share * (value(lower + 1) - value) : value;
    }

    private double value(int node) {
        if (samples[node] > 0) {
            return values[node];
        }
        for (int distance = 1; distance < NODES; distance++) {
            if (node - distance >= 0 && samples[node - distance] > 0) {
                return values[node - distance];
            }
            if (node + distance < NODES && samples[node + distance] > 0) {
                return values[node + distance];
            }
        }
        return 0;
    }
}

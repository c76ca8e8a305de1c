package io.crowfly.probes.forecast;

/**
 * Effect of the request body's size on service time, for one class over all backends: a factor for each size, relative
 * to the ordinary sizes of the class. The time to process a prompt depends more on the model than on the backend, so
 * samples of all backends teach the same curve. A backend that happened to get long prompts then does not look slow.
 *
 * <p>Nodes are a factor of two apart. Between nodes the curve is linear on logarithmic scales. Confined to one thread.
 */
final class SizeEffect {

    private static final int NODES = ClassForecast.NODES;

    /** A node's value is a mean over at most about this number of samples. */
    private static final double MEMORY = 300;

    private static final double PRIOR_WEIGHT = 10;

    private static final double LN_2 = StrictMath.log(2);

    private final double[] values = new double[NODES];
    private final double[] samples = new double[NODES];
    private double ordinary;

    /** Returns the position on the axis of nodes, from 0 to {@link #NODES} - 1. */
    static double position(long bytes) {
        double doublings = StrictMath.log(StrictMath.max(1, bytes) / (double) ClassForecast.FIRST_NODE_BYTES) / LN_2;
        return StrictMath.max(0, StrictMath.min(NODES - 1, doublings));
    }

    /** Returns the natural logarithm of the factor for a body size. */
    double logFactor(long bytes) {
        return valueAt(position(bytes)) - ordinary;
    }

    /** Returns the natural logarithm of the factor for each node. */
    double[] logFactors() {
        double[] nodes = new double[NODES];
        for (int node = 0; node < NODES; node++) {
            nodes[node] = valueAt(node) - ordinary;
        }
        return nodes;
    }

    /**
     * Learns from a sample.
     *
     * @param residual its logarithm minus level and {@link #logFactor}, outliers cut
     */
    void learn(long bytes, double residual) {
        double position = position(bytes);
        int lower = (int) position;
        double share = position - lower;
        ordinary += (valueAt(position) - ordinary) / MEMORY;
        learnNode(lower, 1 - share, residual);
        if (share > 0) {
            learnNode(lower + 1, share, residual);
        }
    }

    private void learnNode(int node, double share, double residual) {
        samples[node] += share;
        values[node] += share * residual / StrictMath.min(MEMORY, PRIOR_WEIGHT + samples[node]);
    }

    /** A node without samples takes the value of the nearest node that has some. */
    private double valueAt(double position) {
        int lower = (int) position;
        double share = position - lower;
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

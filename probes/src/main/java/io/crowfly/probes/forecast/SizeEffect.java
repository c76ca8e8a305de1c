package io.crowfly.probes.forecast;

import io.crowfly.probes.state.StateFields;

/**
 * Curve of the request body's effect on service time, for one class over all backends: a factor for each size, relative
 * to the ordinary sizes of the class. The time to process a prompt depends more on the model than on the backend, so
 * the curve learns from samples of all backends. So a backend that happened to get long prompts does not seem slow.
 *
 * <p>The curve has nodes a factor of two apart. Between nodes the curve is linear on logarithmic scales. Confined to
 * one thread.
 */
final class SizeEffect {

    private static final int NODES = ClassForecast.NODES;

    /** Memory of a node's value, a running mean, in samples. */
    private static final double MEMORY = 300;

    private static final double PRIOR_WEIGHT = 10;

    private static final double LN_2 = StrictMath.log(2);

    private final double[] values = new double[NODES];
    private final double[] samples = new double[NODES];
    private double ordinary;

    /** Returns the position of a body size on the size scale, from 0 to {@link #NODES} - 1. */
    static double position(long bytes) {
        double doublings = StrictMath.log(StrictMath.max(1, bytes) / (double) ClassForecast.FIRST_NODE_BYTES) / LN_2;
        return StrictMath.max(0, StrictMath.min(NODES - 1, doublings));
    }

    /** Returns the natural logarithm of the factor on service time for a body size. */
    double logFactor(long bytes) {
        return valueAt(position(bytes)) - ordinary;
    }

    /** Returns the natural logarithm of the factor on service time for each node. */
    double[] logFactors() {
        double[] nodes = new double[NODES];
        for (int node = 0; node < NODES; node++) {
            nodes[node] = valueAt(node) - ordinary;
        }
        return nodes;
    }

    /** Returns whether the logarithm of any node's factor differs by more than this from the given ones. */
    boolean differsFrom(double[] nodes, double difference) {
        for (int node = 0; node < NODES; node++) {
            if (Math.abs(valueAt(node) - ordinary - nodes[node]) > difference) {
                return true;
            }
        }
        return false;
    }

    /**
     * Learns from a response.
     *
     * @param residual natural logarithm of its service time, minus the level and {@link #logFactor}, with outliers cut
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

    /**
     * Returns the curve's value at a position. A node without samples has the value of the nearest node with samples.
     */
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

    /** Transfers the state to another process or from one. */
    void transfer(StateFields fields) {
        fields.numbers("values", values);
        fields.numbers("samples", samples);
        ordinary = fields.number("ordinary", ordinary);
    }
}

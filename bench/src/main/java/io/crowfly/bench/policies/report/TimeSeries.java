package io.crowfly.bench.policies.report;

import io.crowfly.bench.policies.simulation.RunResult;

/**
 * Time series of one policy in one scenario, for the plots of {@code bench policies}. The warm-up is included.
 *
 * @param share share of the first attempts, by bin, then by backend
 * @param meanMillis mean time to first token of the requests that arrived in each bin; 0 if none of them had a response
 */
public record TimeSeries(double[][] share, double[] meanMillis) {

    /**
     * Length of a bin. It is short enough to show how a policy moves traffic, and has about 250 requests at 50 per
     * second.
     */
    static final int BIN_SECONDS = 5;

    public static TimeSeries of(RunResult run) {
        int bins = (int) (run.scenario().durationNanos() / (BIN_SECONDS * 1_000_000_000L));
        double[][] share = new double[bins][run.scenario().backends().size()];
        double[] all = new double[bins];
        for (int i = 0; i < run.choiceNanos().length; i++) {
            int bin = (int) (run.choiceNanos()[i] / (BIN_SECONDS * 1_000_000_000L));
            if (bin < bins) {
                share[bin][run.choiceBackend()[i]]++;
                all[bin]++;
            }
        }
        double[] meanMillis = new double[bins];
        for (int bin = 0; bin < bins; bin++) {
            double sum = 0;
            int responses = 0;
            for (int s = bin * BIN_SECONDS; s < (bin + 1) * BIN_SECONDS; s++) {
                sum += run.secondTtftNanos()[s];
                responses += run.secondResponses()[s];
            }
            meanMillis[bin] = responses == 0 ? 0 : sum / responses / 1e6;
            for (int b = 0; b < share[bin].length; b++) {
                share[bin][b] /= Math.max(1, all[bin]);
            }
        }
        return new TimeSeries(share, meanMillis);
    }
}

package io.crowfly.bench.policies.report;

import io.crowfly.bench.policies.simulation.Run;

/**
 * One run over time, in bins.
 *
 * @param share of the first attempts in each bin, then by backend
 * @param meanMillis to the first token, of those that arrived in each bin; 0 where nobody had an answer
 */
public record Series(double[][] share, double[] meanMillis) {

    /** Short enough to see a policy move, long enough for 250 requests at 50 a second. */
    static final int BIN_SECONDS = 5;

    public static Series of(Run run) {
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
            int answers = 0;
            for (int s = bin * BIN_SECONDS; s < (bin + 1) * BIN_SECONDS; s++) {
                sum += run.secondTtftNanos()[s];
                answers += run.secondAnswers()[s];
            }
            meanMillis[bin] = answers == 0 ? 0 : sum / answers / 1e6;
            for (int b = 0; b < share[bin].length; b++) {
                share[bin][b] /= Math.max(1, all[bin]);
            }
        }
        return new Series(share, meanMillis);
    }
}

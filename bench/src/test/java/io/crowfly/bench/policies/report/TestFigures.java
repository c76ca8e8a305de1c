package io.crowfly.bench.policies.report;

/** Figures of a policy that sends all its requests to the first of two backends. */
final class TestFigures {

    private TestFigures() {}

    static Figures of(String policy, double mean, double regret, double p99, double predictionError) {
        return of(policy, mean, regret, p99, predictionError, 0, TrafficMoves.NONE);
    }

    static Figures of(
            String policy,
            double mean,
            double regret,
            double p99,
            double predictionError,
            long explorations,
            TrafficMoves moves) {
        double[] share = {1, 0};
        return new Figures(
                policy,
                1000,
                mean,
                mean,
                p99,
                new double[] {p99},
                mean,
                regret,
                predictionError,
                0,
                0,
                1,
                0,
                0,
                share,
                1,
                0,
                explorations,
                moves);
    }
}

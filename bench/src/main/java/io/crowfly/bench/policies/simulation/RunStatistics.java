package io.crowfly.bench.policies.simulation;

import io.crowfly.bench.policies.policy.SimulatedRequest;
import io.crowfly.bench.policies.scenario.Scenario;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Statistics of one simulated run, collected while it runs. Requests that arrived during the warm-up count only in the
 * first attempts by time, and in the figures per second.
 */
final class RunStatistics {

    private final long warmUpNanos;

    private double[] ttftNanos = new double[4096];

    /** Model of each response in {@link #ttftNanos}. */
    private byte[] modelIndex = new byte[4096];

    private int responses;
    private long requests;
    private long attempts;
    private long hedges;
    private double tokens;
    private double lostTokens;
    private double completionNanos;
    private long completions;
    private long errors;
    private long clientResponses429;
    private long explorations;
    private final long[] fastAgainNanos;
    private double regretNanos;
    private double predictionError;
    private long predictions;

    /**
     * Virtual time of each first attempt, warm-up included. {@code choiceBackend} has the backends in the same order.
     */
    private long[] choiceNanos = new long[4096];

    private byte[] choiceBackend = new byte[4096];
    private int choices;

    private final double[] secondTtftNanos;
    private final int[] secondResponses;

    private final ServerLatencyRecord[] latencyReports;

    RunStatistics(Scenario scenario) {
        warmUpNanos = scenario.warmUpNanos();
        int seconds = (int) (scenario.durationNanos() / 1_000_000_000L) + 1;
        secondTtftNanos = new double[seconds];
        secondResponses = new int[seconds];
        fastAgainNanos = new long[scenario.backends().size()];
        Arrays.fill(fastAgainNanos, Long.MAX_VALUE);
        latencyReports = new ServerLatencyRecord[scenario.backends().size()];
        for (int b = 0; b < latencyReports.length; b++) {
            latencyReports[b] = new ServerLatencyRecord();
        }
    }

    /**
     * Records the backend that was selected for a request's first attempt, with its regret (the expected time above
     * that at the best backend) and the error of its prediction.
     */
    void recordChoice(
            SimulatedWorld world, SimulatedEdge edge, SimulatedRequest request, int backend, long begunNanos) {
        long now = world.clock.nanoTime();
        if (choices == choiceNanos.length) {
            choiceNanos = Arrays.copyOf(choiceNanos, 2 * choices);
            choiceBackend = Arrays.copyOf(choiceBackend, 2 * choices);
        }
        choiceNanos[choices] = now;
        choiceBackend[choices++] = (byte) backend;
        if (begunNanos < warmUpNanos) {
            return;
        }
        requests++;
        explorations += edge.policy().explores() ? 1 : 0;
        regretNanos +=
                world.expectedNanos(request, edge.group(), backend) - world.leastExpectedNanos(request, edge.group());
        double predicted = edge.policy().predictedNanos(request, backend, now);
        SimulatedServer server = world.servers[backend];
        if (!Double.isNaN(predicted) && server.failureShare(request.modelIndex(), now) < 0.5) {
            double median = server.medianNanos(request, edge.group(), now);
            predictionError += Math.abs(predicted - median) / median;
            predictions++;
        }
    }

    void recordAttempt(long begunNanos) {
        if (begunNanos >= warmUpNanos) {
            attempts++;
        }
    }

    void recordHedge(long begunNanos) {
        if (begunNanos >= warmUpNanos) {
            hedges++;
        }
    }

    /** Records the tokens of a request and its response. */
    void recordTokens(long begunNanos, double count) {
        if (begunNanos >= warmUpNanos) {
            tokens += count;
        }
    }

    /** Records tokens that a server has read and generated for an attempt that was cancelled. */
    void recordLostTokens(long begunNanos, double count) {
        if (begunNanos >= warmUpNanos) {
            lostTokens += count;
        }
    }

    void recordService(SimulatedWorld world, int backend, int inFlight, double serviceNanos) {
        latencyReports[backend].record(inFlight, serviceNanos);
    }

    ServerLatencyRecord latencyReport(int backend) {
        return latencyReports[backend];
    }

    void recordFirstToken(int model, long begunNanos, long nowNanos) {
        int second = (int) (begunNanos / 1_000_000_000L);
        secondTtftNanos[second] += nowNanos - begunNanos;
        secondResponses[second]++;
        if (begunNanos < warmUpNanos) {
            return;
        }
        if (responses == ttftNanos.length) {
            ttftNanos = Arrays.copyOf(ttftNanos, 2 * responses);
            modelIndex = Arrays.copyOf(modelIndex, 2 * responses);
        }
        modelIndex[responses] = (byte) model;
        ttftNanos[responses++] = nowNanos - begunNanos;
    }

    void recordCompletion(long begunNanos, long nowNanos) {
        if (begunNanos >= warmUpNanos) {
            completionNanos += nowNanos - begunNanos;
            completions++;
        }
    }

    /** Records that a backend has served the slow first requests of an event. */
    void recordFastAgain(int backend, long nowNanos) {
        fastAgainNanos[backend] = Math.min(fastAgainNanos[backend], nowNanos);
    }

    void recordError(long begunNanos) {
        if (begunNanos >= warmUpNanos) {
            errors++;
        }
    }

    void recordClient429(long begunNanos) {
        if (begunNanos >= warmUpNanos) {
            clientResponses429++;
        }
    }

    RunResult toResult(Scenario scenario, String policy, int users) {
        double[] sorted = Arrays.copyOf(ttftNanos, responses);
        Arrays.sort(sorted);
        return new RunResult(
                scenario,
                policy,
                users,
                sorted,
                ttftNanosByModel(scenario.models().size()),
                completions == 0 ? Double.NaN : completionNanos / completions,
                requests,
                attempts,
                hedges,
                tokens == 0 ? 0 : lostTokens / tokens,
                errors,
                clientResponses429,
                explorations,
                scenario.watched()
                        .map(event -> Math.min(event.toNanos(), fastAgainNanos[event.backend()]))
                        .orElse(0L),
                requests == 0 ? 0 : regretNanos / requests,
                predictions == 0 ? Double.NaN : predictionError / predictions,
                Arrays.copyOf(choiceNanos, choices),
                Arrays.copyOf(choiceBackend, choices),
                secondTtftNanos,
                secondResponses);
    }

    private double[][] ttftNanosByModel(int models) {
        double[][] byModel = new double[models][];
        for (int model = 0; model < models; model++) {
            int wanted = model;
            byModel[model] = IntStream.range(0, responses)
                    .filter(i -> modelIndex[i] == wanted)
                    .mapToDouble(i -> ttftNanos[i])
                    .sorted()
                    .toArray();
        }
        return byModel;
    }
}

package io.crowfly.bench.policies.policy;

import java.util.Arrays;
import java.util.TreeMap;

/**
 * Policy of LiteLLM's {@code latency-based-routing} ({@code litellm/router_strategy/lowest_latency.py}). It keeps the
 * latest latencies for each model and deployment. It selects the lowest average, or a random deployment whose average
 * exceeds the lowest by at most a buffer. Deployments without latencies have priority. A timeout is recorded as a
 * latency of 1,000 s; other failures are not recorded. Responses are recorded when they are complete: streamed ones by
 * the time to first token, others by seconds per token.
 *
 * <p>There are two variants. The first takes averages over 10 values with a buffer of 10%, as in the pull request that
 * added the buffer (BerriAI/litellm #3370; the default is no buffer). The second compares the 90th percentile of 50
 * values (#40352, values of its documentation). The time to first token is not divided by tokens, as since #40202.
 *
 * <p>This simulation is better than the original in one point. Once the original's window is full, each new value
 * replaces only the last value; here the window slides. The cooldown of failing deployments, another part of LiteLLM's
 * router, is not simulated.
 */
final class LiteLlmLatency implements SelectionPolicy {

    private static final double TIMEOUT_PENALTY_SECONDS = 1000;

    private final RandomDraw randomDraw;
    private final int backends;
    private final double buffer;
    private final double percentile;
    /** Times to first token of streamed responses, in seconds: one window for each model and backend, in this order. */
    private final Window[][] streamedWindows;

    private final Window[][] perTokenWindows;

    private LiteLlmLatency(EdgeEnvironment environment, int size, double buffer, double percentile) {
        this.randomDraw = new RandomDraw(environment);
        this.backends = environment.count();
        this.buffer = buffer;
        this.percentile = percentile;
        int models = environment.models().size();
        this.streamedWindows = windows(models, backends, size);
        this.perTokenWindows = windows(models, backends, size);
    }

    static SelectionPolicy averages(EdgeEnvironment environment) {
        return new LiteLlmLatency(environment, 10, 0.10, Double.NaN);
    }

    static SelectionPolicy percentiles(EdgeEnvironment environment) {
        return new LiteLlmLatency(environment, 50, 0, 0.9);
    }

    private static Window[][] windows(int models, int backends, int size) {
        Window[][] windows = new Window[models][backends];
        for (Window[] row : windows) {
            Arrays.setAll(row, backend -> new Window(size));
        }
        return windows;
    }

    @Override
    public int choose(SimulatedRequest request, TriedBackends tried, long nowNanos) {
        double[] latency = new double[backends];
        double lowest = Double.MAX_VALUE;
        for (int b = 0; b < backends; b++) {
            latency[b] = latency(request, b);
            if (!tried.has(b)) {
                lowest = Math.min(lowest, latency[b]);
            }
        }
        TriedBackends outside = new TriedBackends();
        for (int b = 0; b < backends; b++) {
            if (tried.has(b) || latency[b] > lowest * (1 + buffer)) {
                outside.add(b);
            }
        }
        return randomDraw.any(outside);
    }

    private double latency(SimulatedRequest request, int backend) {
        Window firstTokens = streamedWindows[request.modelIndex()][backend];
        if (request.streamed() && !firstTokens.isEmpty()) {
            return Double.isNaN(percentile) ? firstTokens.average() : firstTokens.percentile(percentile);
        }
        return perTokenWindows[request.modelIndex()][backend].average();
    }

    /** Time to first token of the responses in progress, by request id. */
    private final TreeMap<Long, Double> firstTokenSeconds = new TreeMap<>();

    @Override
    public void firstToken(SimulatedAttempt attempt, long serverNanos, long nowNanos) {
        firstTokenSeconds.put(attempt.request().id(), (nowNanos - attempt.sentNanos()) / 1e9);
    }

    @Override
    public void completed(SimulatedAttempt attempt, int outputTokens, long nowNanos) {
        int model = attempt.request().modelIndex();
        Double firstTokens = firstTokenSeconds.remove(attempt.request().id());
        if (attempt.request().streamed() && firstTokens != null) {
            streamedWindows[model][attempt.backend()].add(firstTokens);
        }
        perTokenWindows[model][attempt.backend()].add((nowNanos - attempt.sentNanos()) / 1e9 / outputTokens);
    }

    @Override
    public void failed(SimulatedAttempt attempt, SimulatedFailure failure, long nowNanos) {
        if (failure instanceof SimulatedFailure.Timeout) {
            int model = attempt.request().modelIndex();
            perTokenWindows[model][attempt.backend()].add(TIMEOUT_PENALTY_SECONDS);
            if (attempt.request().streamed()) {
                streamedWindows[model][attempt.backend()].add(TIMEOUT_PENALTY_SECONDS);
            }
        }
    }

    /** Sliding window of the latest values. */
    private static final class Window {

        private final double[] values;
        private int count;

        Window(int size) {
            values = new double[size];
        }

        void add(double seconds) {
            values[count++ % values.length] = seconds;
        }

        boolean isEmpty() {
            return count == 0;
        }

        private int kept() {
            return Math.min(count, values.length);
        }

        /** Returns the average; 0 while the window is empty. */
        double average() {
            double sum = 0;
            for (int i = 0; i < kept(); i++) {
                sum += values[i];
            }
            return isEmpty() ? 0 : sum / kept();
        }

        /** Returns the value at this share of the sorted values (the percentile by nearest rank). */
        double percentile(double share) {
            double[] sorted = Arrays.copyOf(values, kept());
            Arrays.sort(sorted);
            return sorted[(int) Math.ceil(share * sorted.length) - 1];
        }
    }
}

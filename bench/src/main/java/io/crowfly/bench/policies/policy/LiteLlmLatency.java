package io.crowfly.bench.policies.policy;

import java.util.Arrays;
import java.util.TreeMap;

/**
 * LiteLLM's {@code latency-based-routing} ({@code litellm/router_strategy/lowest_latency.py}): per model and deployment the
 * latest latencies, the lowest average wins, and by lot among those within a buffer of it. A deployment that was never
 * used comes first. A timeout is written down as a latency of 1,000 s; other failures leave no trace. Answers are written
 * down when they are over: the time to first token where they are streamed, otherwise seconds per token.
 *
 * <p>Two variants. Averages over 10 values with a buffer of 10%, as in the pull request that brought the buffer (BerriAI/litellm
 * #3370; the default is no buffer); and the later ranking by a percentile of the time to first token (#40352), with the 50
 * values and the 0.9 that it is explained with. The time to first token is taken as it is, as since #40202, not per token.
 *
 * <p>Kinder than the source that was read in one thing: there, once the window is full, each new value replaces only the last
 * one; here the window slides. The cooldown of failing deployments, another part of LiteLLM's router, is left out.
 */
final class LiteLlmLatency implements Policy {

    private static final double TIMEOUT_PENALTY_SECONDS = 1000;

    private final RandomDraw randomDraw;
    private final int backends;
    private final double buffer;
    private final double percentile;
    /** By model, then by backend. */
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

    static Policy averages(EdgeEnvironment environment) {
        return new LiteLlmLatency(environment, 10, 0.10, Double.NaN);
    }

    static Policy percentiles(EdgeEnvironment environment) {
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
    public int choose(Request request, TriedBackends tried, long nowNanos) {
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

    private double latency(Request request, int backend) {
        Window firstTokens = streamedWindows[request.modelIndex()][backend];
        if (request.streamed() && !firstTokens.isEmpty()) {
            return Double.isNaN(percentile) ? firstTokens.average() : firstTokens.percentile(percentile);
        }
        return perTokenWindows[request.modelIndex()][backend].average();
    }

    /** Of the answers under way, when their first token came, by the request; few at any time. */
    private final TreeMap<Long, Double> firstTokenSeconds = new TreeMap<>();

    @Override
    public void firstToken(Attempt attempt, long serverNanos, long nowNanos) {
        firstTokenSeconds.put(attempt.request().id(), (nowNanos - attempt.sentNanos()) / 1e9);
    }

    @Override
    public void completed(Attempt attempt, int outputTokens, long nowNanos) {
        int model = attempt.request().modelIndex();
        Double firstTokens = firstTokenSeconds.remove(attempt.request().id());
        if (attempt.request().streamed() && firstTokens != null) {
            streamedWindows[model][attempt.backend()].add(firstTokens);
        }
        perTokenWindows[model][attempt.backend()].add((nowNanos - attempt.sentNanos()) / 1e9 / outputTokens);
    }

    @Override
    public void failed(Attempt attempt, Failure failure, long nowNanos) {
        if (failure instanceof Failure.Timeout) {
            int model = attempt.request().modelIndex();
            perTokenWindows[model][attempt.backend()].add(TIMEOUT_PENALTY_SECONDS);
            if (attempt.request().streamed()) {
                streamedWindows[model][attempt.backend()].add(TIMEOUT_PENALTY_SECONDS);
            }
        }
    }

    /** The latest values. */
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

        /** 0 while empty. */
        double average() {
            double sum = 0;
            for (int i = 0; i < kept(); i++) {
                sum += values[i];
            }
            return isEmpty() ? 0 : sum / kept();
        }

        /** By nearest rank. */
        double percentile(double share) {
            double[] sorted = Arrays.copyOf(values, kept());
            Arrays.sort(sorted);
            return sorted[(int) Math.ceil(share * sorted.length) - 1];
        }
    }
}

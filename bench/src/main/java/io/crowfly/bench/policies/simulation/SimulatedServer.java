package io.crowfly.bench.policies.simulation;

import io.crowfly.bench.policies.policy.SimulatedRequest;
import io.crowfly.bench.policies.scenario.Scenario;
import io.crowfly.bench.policies.scenario.Scenario.Backend;
import io.crowfly.bench.policies.scenario.Scenario.Cloud;
import io.crowfly.bench.policies.scenario.Scenario.Model;
import io.crowfly.bench.policies.scenario.Scenario.RequestKind;
import io.crowfly.bench.policies.scenario.ScenarioEvent.Effect;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Backend of the policy simulator with its true state: active events, requests in flight, and the times of its
 * responses.
 */
final class SimulatedServer {

    /** Time in which a backend's front end refuses a request or responds to a health check. */
    static final long FRONT_DOOR_NANOS = 3_000_000;

    final int index;
    final Backend spec;
    private final List<Model> models;
    /**
     * Typical number of output tokens, by model. It gives the expected duration of a response that is not streamed,
     * because the real number is not known in advance.
     */
    private final double[] typicalTokens;

    /** Mean number of output tokens of a stream after the first, by model; 0 if the objective is the first token. */
    private final double[] completionTokens;

    private final double[] noiseMean;
    private final double[] noiseMedian;

    private final InFlightRequests inFlightRequests = new InFlightRequests();
    /** Number of requests that edges have sent but that have not arrived here. */
    private int inTransit;

    private final ActiveEvents active;
    private final Optional<RequestWindow> window;

    SimulatedServer(int index, Scenario scenario) {
        this.index = index;
        this.spec = scenario.backends().get(index);
        this.models = scenario.models();
        this.active = new ActiveEvents(scenario, index);
        this.window = spec.rateLimit().map(RequestWindow::new);
        this.typicalTokens = new double[models.size()];
        this.noiseMean = new double[models.size()];
        this.noiseMedian = new double[models.size()];
        Arrays.setAll(typicalTokens, model -> typicalTokens(scenario.requests(), model));
        this.completionTokens = new double[models.size()];
        if (scenario.countsCompletion()) {
            Arrays.setAll(completionTokens, model -> meanTokens(scenario.requests(), model) - 1);
        }
        double tail = spec.tailShare();
        double tailMean = 1 - tail + tail * (spec.tailFrom() + spec.tailTo()) / 2;
        // The tail is assumed to lie completely above the overall median. This median is then the quantile 0.5 / (1 -
        // tail) of the other responses. Near one half, the normal distribution is nearly linear, with the slope 1 /
        // √(2π).
        double quantile = 0.5 / (1 - tail) - 0.5;
        double deviate = quantile * StrictMath.sqrt(2 * Math.PI);
        for (int m = 0; m < models.size(); m++) {
            double sigma = models.get(m).sigma();
            noiseMean[m] = StrictMath.exp(sigma * sigma / 2) * tailMean;
            noiseMedian[m] = StrictMath.exp(sigma * deviate);
        }
    }

    /** Returns the median number of output tokens of the kind that has the most requests without streaming. */
    private static double typicalTokens(List<RequestKind> kinds, int model) {
        return kinds.stream()
                .filter(kind -> kind.model() == model)
                .max(Comparator.comparingDouble(kind -> kind.weight() * (1 - kind.streamedShare())))
                .map(kind -> kind.outputTokens().median())
                .orElse(1.0);
    }

    private static double meanTokens(List<RequestKind> kinds, int model) {
        double sum = 0;
        double weight = 0;
        for (RequestKind kind : kinds) {
            if (kind.model() == model) {
                double sigma = kind.outputTokens().sigma();
                sum += kind.weight() * kind.outputTokens().median() * StrictMath.exp(sigma * sigma / 2);
                weight += kind.weight();
            }
        }
        return weight == 0 ? 1 : sum / weight;
    }

    /** Applies the events that are active now. Must be called at each begin and end of an event. */
    void refresh(long nowNanos) {
        active.refresh(nowNanos);
    }

    double rttNanos(int group) {
        return spec.rttNanos()[group] + active.extraRttNanos(group);
    }

    /** Returns the round-trip time of this request, jitter included. */
    double rttNanos(int group, Noise noise, long key) {
        double jitter = spec.jitter() * (2 * noise.uniform(key, index, Noise.Purpose.JITTER) - 1);
        return rttNanos(group) * (1 + jitter);
    }

    /** Returns whether connections fail. */
    boolean refusing() {
        return active.refusing();
    }

    /** Returns whether this backend is not in the conf. */
    boolean absent() {
        return active.absent();
    }

    /** Returns the number of requests that have arrived here and have not ended. */
    int inFlight(long nowNanos) {
        return inFlightRequests.count(nowNanos);
    }

    void requestSent() {
        inTransit++;
    }

    void requestArrived() {
        inTransit--;
    }

    /** Records that the arrived request is in flight until this time. */
    void occupy(long untilNanos) {
        inFlightRequests.add(untilNanos);
    }

    /** Records that the place of a request that was cancelled is free earlier. Both times are after now. */
    void shortenOccupation(long fromNanos, long untilNanos) {
        inFlightRequests.replace(fromNanos, untilNanos);
    }

    /** Returns the median of this server's time to first token, without load and events, in nanoseconds. */
    private double unloadedNanos(int model, double promptTokens) {
        double median = active.firstTokenNanos(spec.medianNanos()[model]);
        return median + promptTokens * models.get(model).perPromptTokenNanos();
    }

    /**
     * Returns this server's time to the first token of a request, noise included, in nanoseconds.
     *
     * @param inFlight requests in flight, including this request
     */
    double serviceNanos(int model, double promptTokens, int inFlight, Noise noise, long key) {
        double noiseFactor = StrictMath.exp(models.get(model).sigma() * noise.normal(key, index));
        if (noise.uniform(key, index, Noise.Purpose.TAIL) < spec.tailShare()) {
            noiseFactor *= spec.tailFrom()
                    + (spec.tailTo() - spec.tailFrom()) * noise.uniform(key, index, Noise.Purpose.TAIL_FACTOR);
        }
        return unloadedNanos(model, promptTokens) * spec.load().factor(inFlight) * active.slowdown() * noiseFactor;
    }

    /** Counts a request for {@link Effect.SlowFirst}. */
    void countServed() {
        active.countServed();
    }

    /** Returns whether the first requests of a {@link Effect.SlowFirst} have all been served. */
    boolean servesFastAgain() {
        return active.servesFastAgain();
    }

    /** Returns the time for which a freeze holds bytes that are ready at this virtual time, in nanoseconds. */
    long heldNanos(long readyNanos) {
        return active.heldNanos(readyNanos);
    }

    double betweenTokensNanos(int model) {
        return spec.betweenTokensNanos()[model];
    }

    boolean hangs(Noise noise, long key) {
        return noise.uniform(key, index, Noise.Purpose.HANG) < active.hangShare();
    }

    boolean failsWithError(int model, Noise noise, long key) {
        return noise.uniform(key, index, Noise.Purpose.FAULT) < active.errorShare(model);
    }

    long errorAfterNanos() {
        return active.errorAfterNanos();
    }

    /**
     * Decides whether the request is accepted. Returns a negative value if it is. Otherwise returns the
     * {@code Retry-After} of the 429 in nanoseconds, or {@link Long#MAX_VALUE} if the 429 has none.
     */
    long retryAfterNanos(long nowNanos, Noise noise, long key) {
        if (window.isPresent() && !window.get().count(nowNanos)) {
            return window.get().resetNanos(nowNanos) - nowNanos;
        }
        if (noise.uniform(key, index, Noise.Purpose.FAULT) < active.throttleShare()) {
            return active.throttleRetryAfterNanos() < 0 ? Long.MAX_VALUE : active.throttleRetryAfterNanos();
        }
        if (inFlight(nowNanos) + 1 > spec.load().limit()) {
            return spec.load().retryAfterNanos() < 0
                    ? Long.MAX_VALUE
                    : spec.load().retryAfterNanos();
        }
        return -1;
    }

    boolean hasQuota() {
        return window.isPresent();
    }

    /** Returns the share of the quota that remains in the current window, from 0 to 1. */
    double quotaLeft() {
        return window.map(RequestWindow::left).orElse(1.0);
    }

    /** Returns the virtual time at which the current window of the rate limit ends. */
    long quotaResetNanos(long nowNanos) {
        return window.map(limit -> limit.resetNanos(nowNanos)).orElse(nowNanos);
    }

    /**
     * Returns whether responses report the processing time: Google reports it in {@code server-timing}, OpenAI in
     * {@code openai-processing-ms}. Observed responses of Azure had no such header.
     */
    boolean reportsProcessingTime() {
        return spec.cloud() != Cloud.AZURE;
    }

    /**
     * Returns whether a probe gets a 429. The conditions are those of {@link #retryAfterNanos}, but probes do not count
     * in the window.
     */
    boolean throttling(long nowNanos, Noise noise, long key) {
        return !rateLeft(nowNanos)
                || noise.uniform(key, index, Noise.Purpose.FAULT) < active.throttleShare()
                || inFlight(nowNanos) + 1 > spec.load().limit();
    }

    private boolean rateLeft(long nowNanos) {
        return window.isEmpty() || window.get().hasLeft(nowNanos);
    }

    /** Returns the median time to first token of a request sent now, in nanoseconds, provided that it succeeds. */
    double medianNanos(SimulatedRequest request, int group, long nowNanos) {
        return latencyNanos(request, group, nowNanos, noiseMedian[request.modelIndex()], 0);
    }

    /**
     * Returns the mean time of a request sent now, in nanoseconds, provided that it succeeds: to the first token, or
     * with the objective {@code completion} to the last one.
     */
    double meanNanos(SimulatedRequest request, int group, long nowNanos) {
        int model = request.modelIndex();
        return latencyNanos(request, group, nowNanos, noiseMean[model], completionTokens[model]);
    }

    /** @param streamedTokens tokens of a stream after the first that count */
    private double latencyNanos(
            SimulatedRequest request, int group, long nowNanos, double noise, double streamedTokens) {
        int model = request.modelIndex();
        double load = spec.load().factor(inFlight(nowNanos) + inTransit + 1);
        double service =
                unloadedNanos(model, Workload.tokens(request.promptBytes())) * load * active.slowdown() * noise;
        double tokens = request.streamed() ? streamedTokens : Math.max(0, typicalTokens[model] - 1);
        double rest = tokens * betweenTokensNanos(model);
        double held = active.frozenNanos(nowNanos);
        return rttNanos(group) + Math.max(service + rest, held);
    }

    /** Returns the probability that a request for a model sent now fails. */
    double failureShare(int model, long nowNanos) {
        return refusing() || isFull(nowNanos) ? 1 : active.failureShare(model);
    }

    /** Returns the time until a request for a model sent now would fail, in nanoseconds. */
    double failureNanos(int model, int group, long nowNanos, long firstByteTimeoutNanos) {
        if (refusing()) {
            return rttNanos(group);
        }
        if (isFull(nowNanos) || active.throttleShare() == active.failureShare(model)) {
            return rttNanos(group) + FRONT_DOOR_NANOS;
        }
        return active.errorShare(model) >= active.hangShare()
                ? rttNanos(group) + active.errorAfterNanos()
                : firstByteTimeoutNanos;
    }

    private boolean isFull(long nowNanos) {
        return !rateLeft(nowNanos)
                || inFlight(nowNanos) + inTransit + 1 > spec.load().limit();
    }
}

package io.crowfly.bench.policies.simulation;

import io.crowfly.bench.policies.policy.SimulatedRequest;
import io.crowfly.bench.policies.scenario.Scenario;
import io.crowfly.bench.policies.scenario.Scenario.Backend;
import io.crowfly.bench.policies.scenario.Scenario.Cloud;
import io.crowfly.bench.policies.scenario.Scenario.Model;
import io.crowfly.bench.policies.scenario.Scenario.RequestKind;
import io.crowfly.bench.policies.scenario.ScenarioEvent;
import io.crowfly.bench.policies.scenario.ScenarioEvent.Effect;
import io.crowfly.bench.policies.scenario.SimulatedRateLimit;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

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
    private final List<ScenarioEvent> events;
    /**
     * Typical number of output tokens, by model. It gives the expected duration of a response that is not streamed,
     * because the real number is not known in advance.
     */
    private final double[] typicalTokens;

    private final double[] noiseMean;
    private final double[] noiseMedian;

    private final InFlightRequests inFlightRequests = new InFlightRequests();
    /** Number of requests that edges have sent but that have not arrived here. */
    private int inTransit;

    private double slowdown = 1;
    private boolean slowFirst;
    /** Number of the next requests that take {@link #slowFirstNanos}. */
    private int slowFirstLeft;

    private double slowFirstNanos;
    private boolean absent;
    private boolean frozen;
    /** Virtual time until which held responses are held. */
    private long frozenUntilNanos;

    private final double[] extraRttNanos;
    private boolean refusing;
    private double hangShare;
    /** Share of the requests that get a 500, by model. */
    private final double[] errorShare;

    private long errorAfterNanos;
    private double throttleShare;
    private long throttleRetryAfterNanos;

    private long rateWindow = -1;
    private int inRateWindow;

    SimulatedServer(int index, Scenario scenario) {
        this.index = index;
        this.spec = scenario.backends().get(index);
        this.models = scenario.models();
        this.events = scenario.events().stream()
                .filter(event -> event.backend() == index)
                .toList();
        this.extraRttNanos = new double[scenario.edges().size()];
        this.typicalTokens = new double[models.size()];
        this.errorShare = new double[models.size()];
        this.noiseMean = new double[models.size()];
        this.noiseMedian = new double[models.size()];
        Arrays.setAll(typicalTokens, model -> typicalTokens(scenario.requests(), model));
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

    /** Applies the events that are active now. Must be called at each begin and end of an event. */
    void refresh(long nowNanos) {
        slowdown = 1;
        boolean wasSlowFirst = slowFirst;
        int slowLeftBefore = slowFirstLeft;
        slowFirst = false;
        slowFirstLeft = 0;
        absent = false;
        frozen = false;
        refusing = false;
        hangShare = spec.hangShare();
        Arrays.fill(errorShare, 0);
        throttleShare = 0;
        Arrays.fill(extraRttNanos, 0);
        for (ScenarioEvent event : events) {
            if (event.isActive(nowNanos)) {
                apply(event, nowNanos);
            }
        }
        if (slowFirst && wasSlowFirst) {
            slowFirstLeft = slowLeftBefore;
        }
    }

    private void apply(ScenarioEvent event, long nowNanos) {
        Effect effect = event.effect();
        if (effect instanceof Effect.Slowdown slowdownEffect) {
            slowdown *= slowdownEffect.factor();
        } else if (effect instanceof Effect.Route route) {
            for (int group = 0; group < extraRttNanos.length; group++) {
                if (event.edgeGroup().orElse(group) == group) {
                    extraRttNanos[group] += route.extraNanos();
                }
            }
        } else if (effect instanceof Effect.SlowFirst first) {
            slowFirst = true;
            slowFirstLeft = first.requests();
            slowFirstNanos = first.nanos();
        } else if (effect instanceof Effect.Freeze) {
            frozen = true;
            frozenUntilNanos = event.activeUntilNanos(nowNanos);
        } else if (effect instanceof Effect.Absence) {
            absent = true;
        } else if (effect instanceof Effect.Outage) {
            refusing = true;
        } else if (effect instanceof Effect.Hangs hangs) {
            hangShare = Math.max(hangShare, hangs.share());
        } else if (effect instanceof Effect.Errors errors) {
            for (int model = 0; model < errorShare.length; model++) {
                if (errors.model().orElse(model) == model) {
                    errorShare[model] = errors.share();
                }
            }
            errorAfterNanos = errors.afterNanos();
        } else if (effect instanceof Effect.Throttle throttle) {
            throttleShare = throttle.share();
            throttleRetryAfterNanos = throttle.retryAfterNanos();
        }
    }

    double rttNanos(int group) {
        return spec.rttNanos()[group] + extraRttNanos[group];
    }

    /** Returns the round-trip time of this request, jitter included. */
    double rttNanos(int group, Noise noise, long key) {
        double jitter = spec.jitter() * (2 * noise.uniform(key, index, Noise.Purpose.JITTER) - 1);
        return rttNanos(group) * (1 + jitter);
    }

    /** Returns whether connections fail. */
    boolean refusing() {
        return refusing || absent;
    }

    /** Returns whether this backend is not in the conf. */
    boolean absent() {
        return absent;
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

    /** Returns the median of this server's time to first token, without load and events, in nanoseconds. */
    private double unloadedNanos(int model, double promptTokens) {
        double median = slowFirstLeft > 0 ? slowFirstNanos : spec.medianNanos()[model];
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
        return unloadedNanos(model, promptTokens) * spec.load().factor(inFlight) * slowdown * noiseFactor;
    }

    /** Counts a request for {@link Effect.SlowFirst}. */
    void countServed() {
        slowFirstLeft = Math.max(0, slowFirstLeft - 1);
    }

    /** Returns whether the first requests of a {@link Effect.SlowFirst} have all been served. */
    boolean servesFastAgain() {
        return slowFirst && slowFirstLeft == 0;
    }

    /** Returns the time for which a freeze holds bytes that are ready at this virtual time, in nanoseconds. */
    long heldNanos(long readyNanos) {
        long released = readyNanos;
        for (ScenarioEvent event : events) {
            if (event.effect() instanceof Effect.Freeze && event.isActive(released)) {
                released = event.activeUntilNanos(released);
            }
        }
        return released - readyNanos;
    }

    double betweenTokensNanos(int model) {
        return models.get(model).betweenTokensNanos();
    }

    boolean hangs(Noise noise, long key) {
        return noise.uniform(key, index, Noise.Purpose.HANG) < hangShare;
    }

    boolean failsWithError(int model, Noise noise, long key) {
        return noise.uniform(key, index, Noise.Purpose.FAULT) < errorShare[model];
    }

    long errorAfterNanos() {
        return errorAfterNanos;
    }

    /**
     * Decides whether the request is accepted. Returns a negative value if it is. Otherwise returns the
     * {@code Retry-After} of the 429 in nanoseconds, or {@link Long#MAX_VALUE} if the 429 has none.
     */
    long retryAfterNanos(long nowNanos, Noise noise, long key) {
        if (spec.rateLimit().isPresent() && !countInWindow(spec.rateLimit().get(), nowNanos)) {
            long window = spec.rateLimit().get().windowNanos();
            return window - nowNanos % window;
        }
        if (noise.uniform(key, index, Noise.Purpose.FAULT) < throttleShare) {
            return throttleRetryAfterNanos < 0 ? Long.MAX_VALUE : throttleRetryAfterNanos;
        }
        if (inFlight(nowNanos) + 1 > spec.load().limit()) {
            return spec.load().retryAfterNanos() < 0
                    ? Long.MAX_VALUE
                    : spec.load().retryAfterNanos();
        }
        return -1;
    }

    boolean hasQuota() {
        return spec.rateLimit().isPresent();
    }

    /** Returns the share of the quota that remains in the current window, from 0 to 1. */
    double quotaLeft() {
        return spec.rateLimit()
                .map(limit -> Math.max(0, 1 - (double) inRateWindow / limit.requests()))
                .orElse(1.0);
    }

    /** Returns the virtual time at which the current window of the rate limit ends. */
    long quotaResetNanos(long nowNanos) {
        return spec.rateLimit()
                .map(limit -> (nowNanos / limit.windowNanos() + 1) * limit.windowNanos())
                .orElse(nowNanos);
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
                || noise.uniform(key, index, Noise.Purpose.FAULT) < throttleShare
                || inFlight(nowNanos) + 1 > spec.load().limit();
    }

    private boolean countInWindow(SimulatedRateLimit limit, long nowNanos) {
        long window = nowNanos / limit.windowNanos();
        if (window != rateWindow) {
            rateWindow = window;
            inRateWindow = 0;
        }
        return ++inRateWindow <= limit.requests();
    }

    private boolean rateLeft(long nowNanos) {
        return spec.rateLimit().isEmpty()
                || nowNanos / spec.rateLimit().get().windowNanos() != rateWindow
                || inRateWindow < spec.rateLimit().get().requests();
    }

    /** Returns the median time to first token of a request sent now, in nanoseconds, provided that it succeeds. */
    double medianNanos(SimulatedRequest request, int group, long nowNanos) {
        return latencyNanos(request, group, nowNanos, noiseMedian[request.modelIndex()]);
    }

    /** Returns the mean time to first token of a request sent now, in nanoseconds, provided that it succeeds. */
    double meanNanos(SimulatedRequest request, int group, long nowNanos) {
        return latencyNanos(request, group, nowNanos, noiseMean[request.modelIndex()]);
    }

    private double latencyNanos(SimulatedRequest request, int group, long nowNanos, double noise) {
        int model = request.modelIndex();
        double load = spec.load().factor(inFlight(nowNanos) + inTransit + 1);
        double service = unloadedNanos(model, Workload.tokens(request.promptBytes())) * load * slowdown * noise;
        double rest = request.streamed() ? 0 : Math.max(0, typicalTokens[model] - 1) * betweenTokensNanos(model);
        double held = frozen ? frozenUntilNanos - nowNanos : 0;
        return rttNanos(group) + Math.max(service + rest, held);
    }

    /** Returns the probability that a request for a model sent now fails. */
    double failureShare(int model, long nowNanos) {
        return refusing() || isFull(nowNanos) ? 1 : Math.max(hangShare, Math.max(errorShare[model], throttleShare));
    }

    /** Returns the time until a request for a model sent now would fail, in nanoseconds. */
    double failureNanos(int model, int group, long nowNanos, long firstByteTimeoutNanos) {
        if (refusing()) {
            return rttNanos(group);
        }
        if (isFull(nowNanos) || throttleShare >= Math.max(errorShare[model], hangShare)) {
            return rttNanos(group) + FRONT_DOOR_NANOS;
        }
        return errorShare[model] >= hangShare ? rttNanos(group) + errorAfterNanos : firstByteTimeoutNanos;
    }

    private boolean isFull(long nowNanos) {
        return !rateLeft(nowNanos)
                || inFlight(nowNanos) + inTransit + 1 > spec.load().limit();
    }
}

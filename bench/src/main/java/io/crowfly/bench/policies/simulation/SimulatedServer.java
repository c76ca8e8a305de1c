package io.crowfly.bench.policies.simulation;

import io.crowfly.bench.policies.policy.Request;
import io.crowfly.bench.policies.scenario.Event;
import io.crowfly.bench.policies.scenario.Event.Effect;
import io.crowfly.bench.policies.scenario.RateLimit;
import io.crowfly.bench.policies.scenario.Scenario;
import io.crowfly.bench.policies.scenario.Scenario.Backend;
import io.crowfly.bench.policies.scenario.Scenario.Cloud;
import io.crowfly.bench.policies.scenario.Scenario.Model;
import io.crowfly.bench.policies.scenario.Scenario.RequestKind;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** One backend as it truly is: what has befallen it, who is there, and how long an answer takes. */
final class SimulatedServer {

    /** What a front door takes to say no, or to answer a health check. */
    static final long FRONT_DOOR_NANOS = 3_000_000;

    final int index;
    final Backend spec;
    private final List<Model> models;
    private final List<Event> events;
    /** Of the answers of each model, for those that aren't streamed: nobody knows an answer's length before. */
    private final double[] typicalTokens;

    private final double[] noiseMean;
    private final double[] noiseMedian;

    private final InFlightRequests inFlightRequests = new InFlightRequests();
    /** On their way to it. */
    private int inTransit;

    private double slowdown = 1;
    private final double[] extraRttNanos;
    private boolean refusing;
    private double hangShare;
    private double errorShare;
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
        this.noiseMean = new double[models.size()];
        this.noiseMedian = new double[models.size()];
        Arrays.setAll(typicalTokens, model -> typicalTokens(scenario.requests(), model));
        double tail = spec.tailShare();
        double tailMean = 1 - tail + tail * (spec.tailFrom() + spec.tailTo()) / 2;
        // Where the slow tail lies wholly above the median, the rest has its median at this quantile; near a half, a
        // quantile
        // is a normal deviate times the density there.
        double quantile = 0.5 / (1 - tail) - 0.5;
        double deviate = quantile * StrictMath.sqrt(2 * Math.PI);
        for (int m = 0; m < models.size(); m++) {
            double sigma = models.get(m).sigma();
            noiseMean[m] = StrictMath.exp(sigma * sigma / 2) * tailMean;
            noiseMedian[m] = StrictMath.exp(sigma * deviate);
        }
    }

    /** The median of the kind that makes up most of those. */
    private static double typicalTokens(List<RequestKind> kinds, int model) {
        return kinds.stream()
                .filter(kind -> kind.model() == model)
                .max(Comparator.comparingDouble(kind -> kind.weight() * (1 - kind.streamedShare())))
                .map(kind -> kind.outputTokens().median())
                .orElse(1.0);
    }

    /** Takes in what is on at this moment; to be called whenever an event begins or ends. */
    void refresh(long nowNanos) {
        slowdown = 1;
        refusing = false;
        hangShare = spec.hangShare();
        errorShare = 0;
        throttleShare = 0;
        Arrays.fill(extraRttNanos, 0);
        for (Event event : events) {
            if (event.isActive(nowNanos)) {
                apply(event);
            }
        }
    }

    private void apply(Event event) {
        Effect effect = event.effect();
        if (effect instanceof Effect.Slowdown slowdownEffect) {
            slowdown *= slowdownEffect.factor();
        } else if (effect instanceof Effect.Route route) {
            for (int group = 0; group < extraRttNanos.length; group++) {
                if (event.edgeGroup().orElse(group) == group) {
                    extraRttNanos[group] += route.extraNanos();
                }
            }
        } else if (effect instanceof Effect.Outage) {
            refusing = true;
        } else if (effect instanceof Effect.Hangs hangs) {
            hangShare = Math.max(hangShare, hangs.share());
        } else if (effect instanceof Effect.Errors errors) {
            errorShare = errors.share();
            errorAfterNanos = errors.afterNanos();
        } else if (effect instanceof Effect.Throttle throttle) {
            throttleShare = throttle.share();
            throttleRetryAfterNanos = throttle.retryAfterNanos();
        }
    }

    double rttNanos(int group) {
        return spec.rttNanos()[group] + extraRttNanos[group];
    }

    /** The round trip of this request, jitter and all. */
    double rttNanos(int group, Noise noise, long key) {
        double jitter = spec.jitter() * (2 * noise.uniform(key, index, Noise.Purpose.JITTER) - 1);
        return rttNanos(group) * (1 + jitter);
    }

    boolean refusing() {
        return refusing;
    }

    /** Requests in flight here, those on their way not among them. */
    int inFlight(long nowNanos) {
        return inFlightRequests.count(nowNanos);
    }

    void requestSent() {
        inTransit++;
    }

    void requestArrived() {
        inTransit--;
    }

    /** The request is here until then. */
    void occupy(long untilNanos) {
        inFlightRequests.add(untilNanos);
    }

    /** The median of a server's own time to first token, alone and undisturbed. */
    private double unloadedNanos(int model, double promptTokens) {
        return spec.medianNanos()[model] + promptTokens * models.get(model).perPromptTokenNanos();
    }

    /** The server's time to this request's first token. @param inFlight with it */
    double serviceNanos(int model, double promptTokens, int inFlight, Noise noise, long key) {
        double noiseFactor = StrictMath.exp(models.get(model).sigma() * noise.normal(key, index));
        if (noise.uniform(key, index, Noise.Purpose.TAIL) < spec.tailShare()) {
            noiseFactor *= spec.tailFrom()
                    + (spec.tailTo() - spec.tailFrom()) * noise.uniform(key, index, Noise.Purpose.TAIL_FACTOR);
        }
        return unloadedNanos(model, promptTokens) * spec.load().factor(inFlight) * slowdown * noiseFactor;
    }

    double betweenTokensNanos(int model) {
        return models.get(model).betweenTokensNanos();
    }

    boolean hangs(Noise noise, long key) {
        return noise.uniform(key, index, Noise.Purpose.HANG) < hangShare;
    }

    boolean failsWithError(Noise noise, long key) {
        return noise.uniform(key, index, Noise.Purpose.FAULT) < errorShare;
    }

    long errorAfterNanos() {
        return errorAfterNanos;
    }

    /** Negative: it is let in; otherwise how long to stay away, or {@link Long#MAX_VALUE} where the answer doesn't say. */
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

    /** Right after a request was counted: what is left in this window, from 0 to 1. */
    double quotaLeft() {
        return spec.rateLimit()
                .map(limit -> Math.max(0, 1 - (double) inRateWindow / limit.requests()))
                .orElse(1.0);
    }

    /** When this window ends. */
    long quotaResetNanos(long nowNanos) {
        return spec.rateLimit()
                .map(limit -> (nowNanos / limit.windowNanos() + 1) * limit.windowNanos())
                .orElse(nowNanos);
    }

    /** Google does in {@code server-timing}, OpenAI in {@code openai-processing-ms}; answers of Azure were seen without. */
    boolean reportsProcessingTime() {
        return spec.cloud() != Cloud.AZURE;
    }

    /** As {@link #retryAfterNanos}, for a probe: it takes no place in the window. */
    boolean throttling(long nowNanos, Noise noise, long key) {
        return !rateLeft(nowNanos)
                || noise.uniform(key, index, Noise.Purpose.FAULT) < throttleShare
                || inFlight(nowNanos) + 1 > spec.load().limit();
    }

    private boolean countInWindow(RateLimit limit, long nowNanos) {
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

    /** The median of the time to first token that a request sent now would see, if it is answered. */
    double medianNanos(Request request, int group, long nowNanos) {
        return latencyNanos(request, group, nowNanos, noiseMedian[request.modelIndex()]);
    }

    /** The mean of it. */
    double meanNanos(Request request, int group, long nowNanos) {
        return latencyNanos(request, group, nowNanos, noiseMean[request.modelIndex()]);
    }

    private double latencyNanos(Request request, int group, long nowNanos, double noise) {
        int model = request.modelIndex();
        double load = spec.load().factor(inFlight(nowNanos) + inTransit + 1);
        double service = unloadedNanos(model, Workload.tokens(request.promptBytes())) * load * slowdown * noise;
        double rest = request.streamed() ? 0 : Math.max(0, typicalTokens[model] - 1) * betweenTokensNanos(model);
        return rttNanos(group) + service + rest;
    }

    /** The chance that a request sent now fails. */
    double failureShare(long nowNanos) {
        return refusing || isFull(nowNanos) ? 1 : Math.max(hangShare, Math.max(errorShare, throttleShare));
    }

    /** How long such a failure takes. */
    double failureNanos(int group, long nowNanos, long firstByteTimeoutNanos) {
        if (refusing) {
            return rttNanos(group);
        }
        if (isFull(nowNanos) || throttleShare >= Math.max(errorShare, hangShare)) {
            return rttNanos(group) + FRONT_DOOR_NANOS;
        }
        return errorShare >= hangShare ? rttNanos(group) + errorAfterNanos : firstByteTimeoutNanos;
    }

    private boolean isFull(long nowNanos) {
        return !rateLeft(nowNanos)
                || inFlight(nowNanos) + inTransit + 1 > spec.load().limit();
    }
}

package io.crowfly.probes;

import io.crowfly.conf.Backend;
import io.crowfly.conf.Probe;
import io.crowfly.probes.forecast.Api;
import io.crowfly.probes.forecast.ClassStatistics;
import io.crowfly.probes.forecast.FirstTokenEstimator;
import io.crowfly.probes.forecast.Forecast;
import io.crowfly.probes.forecast.LoadCurveFilter;
import io.crowfly.probes.forecast.ProbeLatency;
import io.crowfly.probes.forecast.ProbeTimes;
import io.crowfly.probes.forecast.RequestClass;
import io.crowfly.probes.forecast.RequestClasses;
import io.crowfly.probes.state.StateFields;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.random.RandomGenerator;

/**
 * Mutable state of one backend: health and latency estimates, learned from probes and live requests. Not thread-safe;
 * {@link Probes} guards each instance with its lock.
 */
final class BackendState {

    /** Body size assumed for an inference probe, so that its latency counts as the latency of a small request. */
    private static final long INFERENCE_PROBE_BYTES = 100;

    /** Weight of the newest response in {@link #networkOffsetNanos}, among the responses that report a server time. */
    private static final double OFFSET_WEIGHT = 0.05;

    /**
     * A model is parked when less than this share of its quota is left. The rest is for requests already in flight and
     * for other Crowfly instances.
     */
    private static final double QUOTA_RESERVE = 0.05;

    /** Up to this number of requests in flight, responses arrive about in the order of their requests. */
    private static final int FEW_IN_FLIGHT = 2;

    private final Backend backend;
    private final RequestClasses classes;

    private BackendHealth health;
    private ProbeLatency probeLatency = new ProbeLatency();
    private ProbeTimes probeEstimate = ProbeTimes.NONE;
    private ProbeTimes lastProbe = ProbeTimes.NONE;
    private long lastProbeEpochMillis;

    private LoadCurveFilter loadCurve = new LoadCurveFilter();

    /**
     * Responses that the latency estimates do not contain yet. {@link #advance} records each at its {@link
     * #dueAtNanos}, the earliest first.
     */
    private PriorityQueue<Observation.FirstToken> pendingResponses =
            new PriorityQueue<>(Comparator.comparingLong(BackendState::dueAtNanos));

    private Map<RequestClass, FirstTokenEstimator> estimators = new LinkedHashMap<>();

    /**
     * Mean difference between the requests' network time and the probes' network time. From responses that report a
     * server time.
     */
    private double networkOffsetNanos;

    private BackendForecasts forecasts = new BackendForecasts();

    private Optional<BackendSnapshot> published = Optional.empty();
    private long publishedAtNanos;

    /** Whether something was recorded since the last snapshot. */
    private boolean changed;

    BackendState(Backend backend, RequestClasses classes) {
        this.backend = backend;
        this.classes = classes;
        health = new BackendHealth(backend, classes);
    }

    /**
     * Returns the state for a changed conf of this backend's name. For another endpoint the state is new. For the same
     * endpoint the health stays even if the probe changes. Otherwise a change of the probe would make the backend
     * unknown, and the instance not ready, until the next probe. Latencies stay only if the kind of probe stays,
     * because the probe splits live latencies into network and service time.
     */
    BackendState withConf(Backend changed) {
        BackendState next = new BackendState(changed, classes);
        if (!isSameEndpoint(backend, changed)) {
            return next;
        }
        next.health = health.withConf(changed);
        next.lastProbeEpochMillis = lastProbeEpochMillis;
        if (backend.probe().kind().equals(changed.probe().kind())) {
            next.probeLatency = probeLatency;
            next.probeEstimate = probeEstimate;
            next.lastProbe = lastProbe;
            next.estimators = estimators;
            next.loadCurve = loadCurve;
            next.pendingResponses = pendingResponses;
            next.networkOffsetNanos = networkOffsetNanos;
        }
        return next;
    }

    /**
     * Returns whether both confs describe one endpoint. Models, region and probe are not compared, because a change of
     * them leaves the endpoint the same.
     */
    private static boolean isSameEndpoint(Backend a, Backend b) {
        return a.name().equals(b.name())
                && a.url().equals(b.url())
                && a.provider().equals(b.provider())
                && a.credential().equals(b.credential())
                && a.ca().equals(b.ca());
    }

    Backend backend() {
        return backend;
    }

    BackendHealth health() {
        return health;
    }

    /**
     * Records the result of a probe: changes health and latency. A failed probe changes no latency, because its
     * duration says nothing about the time of a response.
     */
    void recordProbe(ProbeResult result, long nowNanos, long epochMillis) {
        changed = true;
        Optional<RequestClass> inferenceClass = backend.probe().kind() instanceof Probe.Kind.Inference inference
                ? Optional.of(new RequestClass(Api.CHAT_COMPLETIONS, inference.model(), true))
                : Optional.empty();
        health.recordProbe(result, inferenceClass, nowNanos);
        lastProbeEpochMillis = epochMillis;
        if (result instanceof ProbeResult.Success success) {
            lastProbe = success.times();
            probeLatency.observe(success.times(), nowNanos);
            probeEstimate = probeLatency.times();
            inferenceClass.ifPresent(requestClass -> {
                long nanos = success.times().firstByteNanos();
                networkOffsetNanos = Math.min(networkOffsetNanos, nanos); // its network part was not longer
                estimator(requestClass).recordLatency(nanos, 0, INFERENCE_PROBE_BYTES, 1, nowNanos);
            });
        }
    }

    /**
     * Records an observation of a live request: changes health and latency.
     *
     * @param random for the jitter of an ejection's end
     */
    void recordObservation(Observation observation, RandomGenerator random) {
        changed = true;
        long now = observation.atNanos();
        RequestClass requestClass = observation.requestClass();
        if (observation instanceof Observation.FirstToken firstToken) {
            learnNetworkOffset(firstToken);
            health.recordFirstToken(requestClass, firstToken.sinceSentNanos(), now);
            FirstTokenEstimator known = estimators.get(requestClass);
            if (known != null) {
                known.recordResponse(now);
            }
            if (!firstToken.wasOverdue()) {
                pendingResponses.add(firstToken);
            }
            classes.getOrCreate(requestClass).recordResponse(firstToken.requestBytes());
        } else if (observation instanceof Observation.Overdue overdue) {
            health.recordOverdue(requestClass, overdue.waitedNanos(), now);
            if (health.isModelEjected(requestClass.model(), now)) {
                return; // the request will have no response, so its wait is no latency
            }
            FirstTokenEstimator estimator = estimator(requestClass);
            boolean informative = estimator.hasSlowedSince(now - overdue.waitedNanos())
                    && overdue.inFlight() <= loadCurve.knownInFlight();
            if ((!overdue.repeated() || informative) && estimator.accepts(now)) {
                estimator.recordOverdue(
                        overdue.waitedNanos(), networkNanos(), overdue.requestBytes(), overdue.inFlight(), now);
            }
        } else if (observation instanceof Observation.StreamCompleted streamed) {
            estimator(requestClass).recordStream(streamed.tokens(), streamed.nanos());
            classes.getOrCreate(requestClass).recordStream(streamed.tokens());
        } else if (observation instanceof Observation.Failed failed) {
            health.recordFailure(failed, random);
            if (failed.kind() == Observation.FailureKind.TIMED_OUT
                    && health.isModelEjected(requestClass.model(), now)) {
                estimators.forEach((known, estimator) -> {
                    if (known.model().equals(requestClass.model())) {
                        estimator.forgetSlowness();
                    }
                });
            }
        } else if (observation instanceof Observation.Throttled throttled) {
            health.recordThrottled(throttled);
        } else if (observation instanceof Observation.Quota quota && quota.left() < QUOTA_RESERVE) {
            health.recordLowQuota(quota);
        }
    }

    /** Returns the estimator of a class, and creates it if absent. */
    FirstTokenEstimator estimator(RequestClass requestClass) {
        // This call is first, because it may evict another class and so call removeClass().
        ClassStatistics statistics = classes.getOrCreate(requestClass);
        FirstTokenEstimator known = estimators.get(requestClass);
        if (known == null) {
            known = new FirstTokenEstimator(statistics, loadCurve);
            estimators.put(requestClass, known);
        }
        return known;
    }

    void removeClass(RequestClass requestClass) {
        changed = true;
        estimators.remove(requestClass);
    }

    private void learnNetworkOffset(Observation.FirstToken firstToken) {
        boolean reported = firstToken.transitNanos() != ProbeTimes.ABSENT;
        double nanos = reported ? firstToken.transitNanos() : firstToken.sinceSentNanos();
        double excess = nanos - probedNetworkNanos();
        // The network part of this response was not longer, whatever earlier ones had. But a probe may be slower than
        // any response, at every backend, so a single response lowers the network part only to that of the probes.
        networkOffsetNanos = Math.min(networkOffsetNanos, Math.max(0, excess));
        if (reported) {
            networkOffsetNanos += OFFSET_WEIGHT * (excess - networkOffsetNanos);
        }
    }

    /** Returns the network part of a request's latency, the part that does not depend on the model. */
    long networkNanos() {
        return StrictMath.max(0, probedNetworkNanos() + (long) networkOffsetNanos);
    }

    private long probedNetworkNanos() {
        return BackendSnapshot.probedNetworkNanos(backend, probeEstimate);
    }

    LoadCurveFilter loadCurve() {
        return loadCurve;
    }

    Map<RequestClass, FirstTokenEstimator> estimators() {
        return estimators;
    }

    /**
     * Applies the changes that are due by now: a return from unavailability, and pending latencies. Call this before
     * each publication.
     */
    void advance(long nowNanos) {
        if (changed || !isSettled()) {
            health.advance(nowNanos);
        }
        for (Observation.FirstToken response;
                (response = pendingResponses.peek()) != null && dueAtNanos(response) <= nowNanos; ) {
            pendingResponses.poll();
            changed = true;
            FirstTokenEstimator estimator = estimator(response.requestClass());
            if (estimator.accepts(nowNanos)) {
                estimator.recordLatency(
                        response.sinceSentNanos(),
                        networkNanos(),
                        response.requestBytes(),
                        response.inFlight(),
                        nowNanos);
            }
        }
    }

    /**
     * Returns when the latency of a response is recorded: when its request would have become overdue (see {@link
     * FirstTokenEstimator#recordLatency}). With few requests in flight, or without a forecast when the request was
     * sent, the latency is recorded at once.
     */
    private static long dueAtNanos(Observation.FirstToken response) {
        if (response.inFlight() <= FEW_IN_FLIGHT) {
            return response.atNanos();
        }
        return response.atNanos() + Math.max(0, response.overdueNanos() - response.sinceSentNanos());
    }

    /** Returns whether nothing of the last snapshot changes with time but the growth of uncertainty. */
    private boolean isSettled() {
        return published.isPresent()
                && !published.get().ejected()
                && published.get().failureShare() == 0
                && published.get().parked().isEmpty()
                && published.get().models().isEmpty();
    }

    /** Returns whether health changes with time, or a response waits to be recorded. */
    boolean isActive() {
        return !isSettled() || !pendingResponses.isEmpty();
    }

    /** Returns whether something was recorded since the last snapshot. */
    boolean hasChanged() {
        return changed;
    }

    /**
     * Updates the snapshot to publish, if it would differ or is old.
     *
     * @param anyChanged whether something was recorded at any backend since the last publication
     * @return whether there is a new snapshot
     */
    boolean updateSnapshot(Forecasts source, ClassIndex classIndex, boolean anyChanged, long nowNanos) {
        boolean due = changed
                || !isSettled()
                || !forecasts.isOf(classIndex)
                || anyChanged && forecasts.hasGuesses()
                || nowNanos - publishedAtNanos >= BackendForecasts.REFRESH_NANOS;
        if (due) {
            forecasts.update(this, source, classIndex, nowNanos);
            published = Optional.of(newSnapshot(nowNanos));
            publishedAtNanos = nowNanos;
            changed = false;
        }
        return due;
    }

    /** Returns the last snapshot. */
    BackendSnapshot snapshot() {
        return published.orElseThrow();
    }

    private BackendSnapshot newSnapshot(long nowNanos) {
        double failureShare = health.failureShareAt(nowNanos);
        return new BackendSnapshot(
                backend,
                health.health(nowNanos),
                health.reason(nowNanos),
                health.isEjected(nowNanos),
                health.unauthorized(),
                latencyNanos(forecasts.map()),
                probeEstimate,
                lastProbe,
                lastProbeEpochMillis,
                failureShare < FailureShare.NEGLIGIBLE ? 0 : failureShare,
                forecasts.map(),
                forecasts.defaultForecast(),
                health.models().parked(nowNanos),
                health.models().health(nowNanos));
    }

    private long latencyNanos(Map<RequestClass, Forecast> forecasts) {
        RequestClass busiest = null;
        for (Map.Entry<RequestClass, FirstTokenEstimator> entry : estimators.entrySet()) {
            if (entry.getValue().known()
                    && (busiest == null
                            || entry.getValue().samples()
                                    > estimators.get(busiest).samples())) {
                busiest = entry.getKey();
            }
        }
        if (busiest != null && forecasts.containsKey(busiest)) {
            return forecasts
                    .get(busiest)
                    .predictionAt((long) estimators.get(busiest).usualInFlight())
                    .medianNanos();
        }
        ProbeTimes times = probeEstimate;
        if (times.firstByteNanos() != ProbeTimes.ABSENT) {
            return times.firstByteNanos();
        }
        return times.tlsNanos() != ProbeTimes.ABSENT ? times.connectNanos() + times.tlsNanos() : times.connectNanos();
    }

    /**
     * Transfers the state to another process or from one. The states of models and classes are transferred by {@link
     * LearnedState}.
     */
    void transfer(StateFields fields) {
        probeLatency.transfer(fields.part("probeLatency"));
        probeEstimate = probeLatency.times();
        networkOffsetNanos = fields.number("networkOffsetNanos", networkOffsetNanos);
        loadCurve.transfer(fields.part("loadCurve"));
        health.transfer(fields.part("health"));
        forecasts = new BackendForecasts();
        changed = true;
    }
}

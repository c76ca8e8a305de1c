package io.crowfly.probes;

import io.crowfly.conf.Backend;
import io.crowfly.conf.Credential;
import io.crowfly.conf.Probe;
import io.crowfly.probes.BackendSnapshot.Health;
import io.crowfly.probes.forecast.Api;
import io.crowfly.probes.forecast.ClassStatistics;
import io.crowfly.probes.forecast.FirstTokenEstimator;
import io.crowfly.probes.forecast.Forecast;
import io.crowfly.probes.forecast.LoadCurve;
import io.crowfly.probes.forecast.ProbeLatency;
import io.crowfly.probes.forecast.ProbeTimes;
import io.crowfly.probes.forecast.RequestClass;
import io.crowfly.probes.forecast.RequestClasses;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.random.RandomGenerator;

/**
 * State of one backend: health, ejection, parked models and latency estimates, from probes and live requests. Not
 * thread-safe; {@link Probes} guards each instance with its lock.
 */
final class BackendState {

    /** Body size assumed for an inference probe: its latency counts as that of a small request for the model. */
    private static final long INFERENCE_PROBE_BYTES = 100;

    /** Weight of the newest response with a server time in {@link #networkOffsetNanos}. */
    private static final double OFFSET_WEIGHT = 0.05;

    /** Share of a quota that is reserved for requests already in flight and for other edges. */
    private static final double QUOTA_RESERVE = 0.05;

    /** With at most this number in flight, responses arrive about in the order of their requests. */
    private static final int FEW_IN_FLIGHT = 2;

    private final Backend backend;
    private final RequestClasses classes;

    private HealthTracker health = HealthTracker.NOT_PROBED;
    private ProbeLatency probeLatency = new ProbeLatency();
    private ProbeTimes lastProbe = ProbeTimes.NONE;
    private long lastProbeEpochMillis;

    private LoadCurve loadCurve = new LoadCurve();

    /** Responses whose latency is not due yet (see {@link #dueAtNanos}). */
    private PriorityQueue<Observation.FirstToken> pendingResponses =
            new PriorityQueue<>(Comparator.comparingLong(BackendState::dueAtNanos));

    private Map<RequestClass, FirstTokenEstimator> estimators = new LinkedHashMap<>();
    private Ejection ejection = Ejection.NONE;
    private FailureShare failures = FailureShare.NONE;
    private Map<String, Parking> parked = new LinkedHashMap<>();

    /** Mean of the requests' network time minus the probes', from responses that carry a server time. */
    private double networkOffsetNanos;

    private boolean unavailable;
    private long returnedAtNanos = Long.MIN_VALUE;

    BackendState(Backend backend, RequestClasses classes) {
        this.backend = backend;
        this.classes = classes;
    }

    /**
     * Returns the state under a changed conf of the same name. For another endpoint the state is new. For the same
     * endpoint the health stays even if the probe changes. Otherwise an edit of all probes would make all backends
     * unknown, and the instance not ready, until the next round. Latencies stay only if the kind of probe stays,
     * because the probe splits live latencies into network and service time.
     */
    BackendState withConf(Backend changed) {
        BackendState next = new BackendState(changed, classes);
        if (!isSameEndpoint(backend, changed)) {
            return next;
        }
        next.health = health;
        next.ejection = ejection;
        next.failures = failures;
        next.parked = parked;
        next.lastProbeEpochMillis = lastProbeEpochMillis;
        next.unavailable = unavailable;
        next.returnedAtNanos = returnedAtNanos;
        if (backend.probe().kind().equals(changed.probe().kind())) {
            next.probeLatency = probeLatency;
            next.lastProbe = lastProbe;
            next.estimators = estimators;
            next.loadCurve = loadCurve;
            next.pendingResponses = pendingResponses;
            next.networkOffsetNanos = networkOffsetNanos;
        }
        return next;
    }

    /**
     * Returns whether both confs mean one endpoint. Models, region and probe only describe an endpoint or how to
     * measure it.
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

    HealthTracker health() {
        return health;
    }

    /**
     * Records the result of a probe. A failed probe changes no latency, because its duration says nothing about a
     * response.
     */
    void recordProbe(ProbeResult result, long nowNanos, long epochMillis) {
        health = health.afterProbe(result, backend.probe());
        lastProbeEpochMillis = epochMillis;
        if (result instanceof ProbeResult.Success success) {
            lastProbe = success.times();
            Ejection before = ejection;
            ejection = ejection.afterPassedProbe(success.times().totalNanos(), probeAttachesCredential(), nowNanos);
            if (ejection != before) {
                failures = FailureShare.NONE; // the backend has returned: older failures no longer count
            }
            if (backend.probe().kind() instanceof Probe.Kind.Inference inference) {
                RequestClass requestClass = new RequestClass(Api.CHAT_COMPLETIONS, inference.model(), true);
                probeLatency.observe(success.times(), nowNanos);
                estimator(requestClass)
                        .recordLatency(success.times().firstByteNanos(), 0, INFERENCE_PROBE_BYTES, 1, nowNanos);
            } else {
                probeLatency.observe(success.times(), nowNanos);
            }
        } else if (probeAttachesCredential()) {
            ejection = ejection.afterFailedProbe();
        }
    }

    private boolean probeAttachesCredential() {
        return backend.probe().kind() instanceof Probe.Kind.Http
                || backend.probe().kind() instanceof Probe.Kind.Inference;
    }

    /**
     * Records an observation.
     *
     * @param random for the jitter of an ejection's end
     */
    void recordObservation(Observation observation, RandomGenerator random) {
        long now = observation.atNanos();
        RequestClass requestClass = observation.requestClass();
        if (observation instanceof Observation.FirstToken firstToken) {
            learnNetworkOffset(firstToken);
            recordSuccess(requestClass, firstToken.sinceSentNanos(), now);
            if (!firstToken.wasOverdue()) {
                pendingResponses.add(firstToken);
            }
            classes.getOrCreate(requestClass).recordResponse(firstToken.requestBytes());
        } else if (observation instanceof Observation.Overdue overdue) {
            FirstTokenEstimator estimator = estimator(requestClass);
            boolean informative = estimator.hasSlowedSince(now - overdue.waitedNanos())
                    && overdue.inFlight() <= loadCurve.kneeInFlight();
            if (!overdue.repeated() || informative) {
                estimator.recordOverdue(
                        overdue.waitedNanos(), networkNanos(), overdue.requestBytes(), overdue.inFlight(), now);
            }
        } else if (observation instanceof Observation.StreamCompleted streamed) {
            estimator(requestClass).recordStream(streamed.tokens(), streamed.nanos());
            classes.getOrCreate(requestClass).recordStream(streamed.tokens());
        } else if (observation instanceof Observation.Failed failed) {
            recordFailure(failed, random);
        } else if (observation instanceof Observation.Throttled throttled) {
            Parking before = parked.getOrDefault(requestClass.model(), Parking.NONE);
            park(requestClass, Parking.throttled(before, throttled.retryAfterNanos(), now));
        } else if (observation instanceof Observation.Quota quota && quota.left() < QUOTA_RESERVE) {
            park(requestClass, Parking.quota(quota.resetNanos(), now));
        }
    }

    private void recordSuccess(RequestClass requestClass, long sinceSentNanos, long nowNanos) {
        ejection = ejection.afterResponse(sinceSentNanos, nowNanos);
        failures = failures.afterAttempt(false, nowNanos);
        Parking parking = parked.get(requestClass.model());
        if (parking != null && !parking.isActive(nowNanos)) {
            parked.remove(requestClass.model());
        }
    }

    private void recordFailure(Observation.Failed failed, RandomGenerator random) {
        long now = failed.atNanos();
        // A client's own bad key, passed through, says nothing about the backend.
        boolean ourCredential = !(backend.credential() instanceof Credential.Passthrough);
        switch (failed.kind()) {
            case NO_DEPLOYMENT -> park(failed.requestClass(), Parking.noDeployment(now));
            case UNAUTHORIZED -> {
                if (ourCredential) {
                    ejection = ejection.afterFailure(failed.kind(), failed.reason(), now, random);
                }
            }
            case FORBIDDEN -> {
                if (ourCredential) {
                    park(failed.requestClass(), Parking.forbidden(failed.reason(), now));
                }
            }
            case UNREACHABLE, ERROR, TIMED_OUT, INTERRUPTED -> {
                failures = failures.afterAttempt(true, now);
                ejection = ejection.afterFailure(failed.kind(), failed.reason(), now, random);
            }
        }
    }

    private void park(RequestClass requestClass, Parking parking) {
        classes.getOrCreate(requestClass); // bounds the number of models, because clients can invent names
        // The longer time wins: a 429 response may carry a quota header with a shorter one.
        parked.merge(
                requestClass.model(),
                parking,
                (before, next) -> next.untilNanos() < before.untilNanos() ? before : next);
    }

    private FirstTokenEstimator estimator(RequestClass requestClass) {
        // First, because this may evict another class and call removeClass().
        ClassStatistics statistics = classes.getOrCreate(requestClass);
        return estimators.computeIfAbsent(requestClass, key -> new FirstTokenEstimator(statistics, loadCurve));
    }

    void removeClass(RequestClass requestClass) {
        estimators.remove(requestClass);
        if (estimators.keySet().stream().noneMatch(known -> known.model().equals(requestClass.model()))) {
            parked.remove(requestClass.model());
        }
    }

    private void learnNetworkOffset(Observation.FirstToken firstToken) {
        long serverNanos = firstToken.serverNanos();
        if (serverNanos >= 0 && serverNanos < firstToken.sinceSentNanos()) {
            double offset = firstToken.sinceSentNanos() - serverNanos - probedNetworkNanos();
            networkOffsetNanos += OFFSET_WEIGHT * (offset - networkOffsetNanos);
        }
    }

    /** Returns the part of a request's latency that is not the model's. */
    long networkNanos() {
        return StrictMath.max(0, probedNetworkNanos() + (long) networkOffsetNanos);
    }

    /**
     * Returns the network latency by probes. An inference probe cannot be split, so all of its latency counts as the
     * model's. Connect time is a round trip to the host that terminates the connection. At Google that is a nearby
     * edge, but its changes are still those of a round trip.
     */
    private long probedNetworkNanos() {
        ProbeTimes times = probeLatency.times();
        if (backend.probe().kind() instanceof Probe.Kind.Inference) {
            return 0;
        }
        long nanos = backend.probe().kind() instanceof Probe.Kind.Http ? times.firstByteNanos() : times.connectNanos();
        return nanos == ProbeTimes.ABSENT ? 0 : nanos;
    }

    LoadCurve loadCurve() {
        return loadCurve;
    }

    Map<RequestClass, FirstTokenEstimator> estimators() {
        return estimators;
    }

    /** Returns when the backend last became available again for this class of requests. */
    long returnedAtNanos(RequestClass requestClass, long nowNanos) {
        long returned = returnedAtNanos;
        Parking parking = parked.get(requestClass.model());
        if (parking != null && !parking.isActive(nowNanos)) {
            returned = StrictMath.max(returned, parking.untilNanos());
        }
        return returned;
    }

    /** Applies the changes due by now. Call this before each publication. */
    void advance(long nowNanos) {
        boolean nowUnavailable = ejection.isEjected(nowNanos) || health.health() == Health.UNHEALTHY;
        if (unavailable && !nowUnavailable) {
            returnedAtNanos = nowNanos;
        }
        unavailable = nowUnavailable;
        for (Observation.FirstToken response;
                (response = pendingResponses.peek()) != null && dueAtNanos(response) <= nowNanos; ) {
            pendingResponses.poll();
            estimator(response.requestClass())
                    .recordLatency(
                            response.sinceSentNanos(),
                            networkNanos(),
                            response.requestBytes(),
                            response.inFlight(),
                            nowNanos);
        }
    }

    /**
     * Returns when a response's latency counts (see {@link FirstTokenEstimator#recordLatency}). With few requests in
     * flight, or without a forecast at the time of sending, the latency counts at once.
     */
    private static long dueAtNanos(Observation.FirstToken response) {
        if (response.inFlight() <= FEW_IN_FLIGHT) {
            return response.atNanos();
        }
        return response.atNanos() + Math.max(0, response.overdueNanos() - response.sinceSentNanos());
    }

    BackendSnapshot snapshot(Map<RequestClass, Forecast> forecasts, Forecast defaultForecast, long nowNanos) {
        boolean ejected = ejection.isEjected(nowNanos);
        Map<String, Parking> activeParkings = new LinkedHashMap<>();
        parked.forEach((model, parking) -> {
            if (parking.isActive(nowNanos)) {
                activeParkings.put(model, parking);
            }
        });
        return new BackendSnapshot(
                backend,
                ejected ? Health.UNHEALTHY : health.health(),
                ejected ? "ejected: " + ejection.reason() : health.reason(),
                ejected,
                ejection.unauthorized(),
                latencyNanos(forecasts),
                probeLatency.times(),
                lastProbe,
                lastProbeEpochMillis,
                failures.shareAt(nowNanos),
                forecasts,
                defaultForecast,
                activeParkings);
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
            return forecasts.get(busiest).prediction().medianNanos();
        }
        ProbeTimes times = probeLatency.times();
        if (times.firstByteNanos() != ProbeTimes.ABSENT) {
            return times.firstByteNanos();
        }
        return times.tlsNanos() != ProbeTimes.ABSENT ? times.connectNanos() + times.tlsNanos() : times.connectNanos();
    }
}

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
 * What was learned of one backend, from its probes and from live requests. Not for several threads at once; {@link Probes}
 * holds a lock around it.
 */
final class BackendState {

    /** An inference probe asks for a token and gets one: what it takes is what a small request of that model takes. */
    private static final long INFERENCE_PROBE_BYTES = 100;

    /** Weight of the newest answer that told its server time. */
    private static final double OFFSET_WEIGHT = 0.05;

    /** The share of a quota that is kept for the requests that are on their way already, and for other edges'. */
    private static final double QUOTA_RESERVE = 0.05;

    /** In flight with so few, answers come in the order of their requests, more or less. */
    private static final int FEW_IN_FLIGHT = 2;

    private final Backend backend;
    private final RequestClasses classes;

    private HealthTracker health = HealthTracker.NOT_PROBED;
    private ProbeLatency probeLatency = new ProbeLatency();
    private ProbeTimes lastProbe = ProbeTimes.NONE;
    private long lastProbeEpochMillis;

    private LoadCurve loadCurve = new LoadCurve();

    /** Those that are not due yet; ties in the order in which they came. */
    private PriorityQueue<Observation.FirstToken> pendingResponses =
            new PriorityQueue<>(Comparator.comparingLong(BackendState::dueAtNanos));

    private Map<RequestClass, FirstTokenEstimator> estimators = new LinkedHashMap<>();
    private Ejection ejection = Ejection.NONE;
    private FailureShare failures = FailureShare.NONE;
    private Map<String, Parking> parked = new LinkedHashMap<>();

    /** By how much requests' network part is above the probes', by the answers that tell their server time. */
    private double networkOffsetNanos;

    private boolean unavailable;
    private long returnedAtNanos = Long.MIN_VALUE;

    BackendState(Backend backend, RequestClasses classes) {
        this.backend = backend;
        this.classes = classes;
    }

    /**
     * What stays true under a changed conf of the same name. Nothing does if the conf now means another endpoint. If it is
     * the same one, its health stays even when the probe asks something else from now on: were it forgotten, editing the
     * probes of all backends would make all of them unknown, and the instance not ready, until the next round. Latencies
     * stay as long as the same kind of probe measures them, since live ones are told apart into network and service by it.
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

    /** The models and the region are only what we say of an endpoint, and the probe is how we look at it. */
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

    /** A failure leaves the latencies alone: how long it took to fail says nothing of how long an answer takes. */
    void observe(ProbeResult result, long nowNanos, long epochMillis) {
        health = health.afterProbe(result, backend.probe());
        lastProbeEpochMillis = epochMillis;
        if (result instanceof ProbeResult.Success success) {
            lastProbe = success.times();
            Ejection before = ejection;
            ejection = ejection.afterPassedProbe(success.times().totalNanos(), probeAttachesCredential(), nowNanos);
            if (ejection != before) {
                failures = FailureShare.NONE; // it was gone, and isn't: what failed then says nothing of now
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

    /** @param random for the jitter of a return */
    void observe(Observation observation, RandomGenerator random) {
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
        // A client's own bad key, passed through, is no matter of the backend's.
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
        classes.getOrCreate(requestClass); // which bounds how many there are, as clients can make up names
        // The last word need not be the longest: an answer of 429 tells of its quota as well.
        parked.merge(
                requestClass.model(),
                parking,
                (before, next) -> next.untilNanos() < before.untilNanos() ? before : next);
    }

    private FirstTokenEstimator estimator(RequestClass requestClass) {
        // First: it may make another class be forgotten, here as well.
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

    /** What a request takes that is not the model's time. */
    long networkNanos() {
        return StrictMath.max(0, probedNetworkNanos() + (long) networkOffsetNanos);
    }

    /**
     * An inference probe can't be told apart: all of it counts as the model's. Connect time is a round trip to whoever
     * terminates the connection, which at Google is an edge nearby; its changes are still a round trip's.
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

    /** When it last came back to this class of requests. */
    long returnedAtNanos(RequestClass requestClass, long nowNanos) {
        long returned = returnedAtNanos;
        Parking parking = parked.get(requestClass.model());
        if (parking != null && !parking.isActive(nowNanos)) {
            returned = StrictMath.max(returned, parking.untilNanos());
        }
        return returned;
    }

    /** Notes what the passing of time has changed. Call before the next publication. */
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
     * When it counts: see {@link FirstTokenEstimator#recordLatency}. At once where there is nothing to wait for: nothing was known, or
     * hardly another request was out that could be slower.
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

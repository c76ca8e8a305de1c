package io.crowfly.probes;

import io.crowfly.conf.Backend;
import io.crowfly.conf.Credential;
import io.crowfly.conf.Probe;
import io.crowfly.probes.Standing.Health;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.random.RandomGenerator;

/**
 * What was learned of one backend, from its probes and from live requests. Not for several threads at once; {@link Probes}
 * holds a lock around it.
 */
final class Knowledge {

    /** An inference probe asks for a token and gets one: what it takes is what a small request of that model takes. */
    private static final long INFERENCE_PROBE_BYTES = 100;

    /** Weight of the newest answer that told its server time. */
    private static final double OFFSET_WEIGHT = 0.05;

    /** The share of a quota that is kept for the requests that are on their way already, and for other edges'. */
    private static final double QUOTA_LEFT = 0.05;

    /** In flight with so few, answers come in the order of their requests, more or less. */
    private static final int ALONE = 2;

    private final Backend backend;
    private final Classes classes;

    private HealthTracker health = HealthTracker.NOT_PROBED;
    private ProbeLatency probed = new ProbeLatency();
    private ProbeTimes lastProbe = ProbeTimes.NONE;
    private long lastProbeEpochMillis;

    private Room room = new Room();

    /** Those that are not due yet; ties in the order in which they came. */
    private PriorityQueue<Observation.FirstToken> answers =
            new PriorityQueue<>(Comparator.comparingLong(Knowledge::dueNanos));

    private Map<RequestClass, FirstTokenEstimate> live = new LinkedHashMap<>();
    private Ejection ejection = Ejection.NONE;
    private FailureShare failures = FailureShare.NONE;
    private Map<String, Parking> parked = new LinkedHashMap<>();

    /** By how much requests' network part is above the probes', by the answers that tell their server time. */
    private double networkOffsetNanos;

    private boolean out;
    private long returnedAtNanos = Long.MIN_VALUE;

    Knowledge(Backend backend, Classes classes) {
        this.backend = backend;
        this.classes = classes;
    }

    /**
     * What stays true under a changed conf of the same name. Nothing does if the conf now means another endpoint. If it is
     * the same one, its health stays even when the probe asks something else from now on: were it forgotten, editing the
     * probes of all backends would make all of them unknown, and the instance not ready, until the next round. Latencies
     * stay as long as the same kind of probe measures them, since live ones are told apart into network and service by it.
     */
    Knowledge under(Backend changed) {
        Knowledge next = new Knowledge(changed, classes);
        if (!sameEndpoint(backend, changed)) {
            return next;
        }
        next.health = health;
        next.ejection = ejection;
        next.failures = failures;
        next.parked = parked;
        next.lastProbeEpochMillis = lastProbeEpochMillis;
        next.out = out;
        next.returnedAtNanos = returnedAtNanos;
        if (backend.probe().kind().equals(changed.probe().kind())) {
            next.probed = probed;
            next.lastProbe = lastProbe;
            next.live = live;
            next.room = room;
            next.answers = answers;
            next.networkOffsetNanos = networkOffsetNanos;
        }
        return next;
    }

    /** The models and the region are only what we say of an endpoint, and the probe is how we look at it. */
    private static boolean sameEndpoint(Backend a, Backend b) {
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
        health = health.after(result, backend.probe());
        lastProbeEpochMillis = epochMillis;
        if (result instanceof ProbeResult.Success success) {
            lastProbe = success.times();
            Ejection before = ejection;
            ejection = ejection.afterProbe(success.times().totalNanos(), probeShowsCredential(), nowNanos);
            if (ejection != before) {
                failures = FailureShare.NONE; // it was gone, and isn't: what failed then says nothing of now
            }
            if (backend.probe().kind() instanceof Probe.Kind.Inference inference) {
                RequestClass requestClass = new RequestClass(Api.CHAT_COMPLETIONS, inference.model(), true);
                probed.observe(success.times(), nowNanos);
                estimate(requestClass)
                        .answered(success.times().firstByteNanos(), 0, INFERENCE_PROBE_BYTES, 1, nowNanos);
            } else {
                probed.observe(success.times(), nowNanos);
            }
        } else if (probeShowsCredential()) {
            ejection = ejection.afterProbeRefused();
        }
    }

    private boolean probeShowsCredential() {
        return backend.probe().kind() instanceof Probe.Kind.Http
                || backend.probe().kind() instanceof Probe.Kind.Inference;
    }

    /** @param random for the jitter of a return */
    void observe(Observation observation, RandomGenerator random) {
        long now = observation.atNanos();
        RequestClass requestClass = observation.requestClass();
        if (observation instanceof Observation.FirstToken answered) {
            learnNetwork(answered);
            answeredWell(requestClass, answered.sinceSentNanos(), now);
            if (!answered.wasOverdue()) {
                answers.add(answered);
            }
            classes.of(requestClass).saw(answered.requestBytes());
        } else if (observation instanceof Observation.Overdue overdue) {
            FirstTokenEstimate estimate = estimate(requestClass);
            boolean tells = estimate.hasSlowedSince(now - overdue.waitedNanos()) && overdue.inFlight() <= room.room();
            if (!overdue.again() || tells) {
                estimate.overdue(
                        overdue.waitedNanos(), networkNanos(), overdue.requestBytes(), overdue.inFlight(), now);
            }
        } else if (observation instanceof Observation.Streamed streamed) {
            estimate(requestClass).streamed(streamed.tokens(), streamed.nanos());
            classes.of(requestClass).streamed(streamed.tokens());
        } else if (observation instanceof Observation.Failed failed) {
            failed(failed, random);
        } else if (observation instanceof Observation.Throttled throttled) {
            Parking before = parked.getOrDefault(requestClass.model(), Parking.NONE);
            park(requestClass, Parking.throttled(before, throttled.retryAfterNanos(), now));
        } else if (observation instanceof Observation.Quota quota && quota.left() < QUOTA_LEFT) {
            park(requestClass, Parking.quota(quota.resetNanos(), now));
        }
    }

    private void answeredWell(RequestClass requestClass, long sinceSentNanos, long nowNanos) {
        ejection = ejection.afterAnswer(sinceSentNanos, nowNanos);
        failures = failures.after(false, nowNanos);
        Parking parking = parked.get(requestClass.model());
        if (parking != null && !parking.holds(nowNanos)) {
            parked.remove(requestClass.model());
        }
    }

    private void failed(Observation.Failed failed, RandomGenerator random) {
        long now = failed.atNanos();
        // A client's own bad key, passed through, is no matter of the backend's.
        boolean ourCredential = !(backend.credential() instanceof Credential.Passthrough);
        switch (failed.strike()) {
            case NO_DEPLOYMENT -> park(failed.requestClass(), Parking.noDeployment(now));
            case UNAUTHORIZED -> {
                if (ourCredential) {
                    ejection = ejection.after(failed.strike(), failed.reason(), now, random);
                }
            }
            case FORBIDDEN -> {
                if (ourCredential) {
                    park(failed.requestClass(), Parking.forbidden(failed.reason(), now));
                }
            }
            case UNREACHABLE, FAILED, SILENT, BROKEN -> {
                failures = failures.after(true, now);
                ejection = ejection.after(failed.strike(), failed.reason(), now, random);
            }
        }
    }

    private void park(RequestClass requestClass, Parking parking) {
        classes.of(requestClass); // which bounds how many there are, as clients can make up names
        // The last word need not be the longest: an answer of 429 tells of its quota as well.
        parked.merge(
                requestClass.model(),
                parking,
                (before, next) -> next.untilNanos() < before.untilNanos() ? before : next);
    }

    private FirstTokenEstimate estimate(RequestClass requestClass) {
        // First: it may make another class be forgotten, here as well.
        ClassKnowledge its = classes.of(requestClass);
        return live.computeIfAbsent(requestClass, key -> new FirstTokenEstimate(its, room));
    }

    void forget(RequestClass requestClass) {
        live.remove(requestClass);
        if (live.keySet().stream().noneMatch(known -> known.model().equals(requestClass.model()))) {
            parked.remove(requestClass.model());
        }
    }

    private void learnNetwork(Observation.FirstToken answered) {
        long server = answered.serverNanos();
        if (server >= 0 && server < answered.sinceSentNanos()) {
            double offset = answered.sinceSentNanos() - server - probedNetworkNanos();
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
        ProbeTimes times = probed.times();
        if (backend.probe().kind() instanceof Probe.Kind.Inference) {
            return 0;
        }
        long nanos = backend.probe().kind() instanceof Probe.Kind.Http ? times.firstByteNanos() : times.connectNanos();
        return nanos == ProbeTimes.ABSENT ? 0 : nanos;
    }

    Room room() {
        return room;
    }

    Map<RequestClass, FirstTokenEstimate> live() {
        return live;
    }

    /** When it last came back to this class of requests. */
    long returnedAtNanos(RequestClass requestClass, long nowNanos) {
        long returned = returnedAtNanos;
        Parking parking = parked.get(requestClass.model());
        if (parking != null && !parking.holds(nowNanos)) {
            returned = StrictMath.max(returned, parking.untilNanos());
        }
        return returned;
    }

    /** Notes what the passing of time has changed. Call before the next publication. */
    void advance(long nowNanos) {
        boolean nowOut = ejection.isOut(nowNanos) || health.health() == Health.UNHEALTHY;
        if (out && !nowOut) {
            returnedAtNanos = nowNanos;
        }
        out = nowOut;
        for (Observation.FirstToken answer; (answer = answers.peek()) != null && dueNanos(answer) <= nowNanos; ) {
            answers.poll();
            estimate(answer.requestClass())
                    .answered(
                            answer.sinceSentNanos(),
                            networkNanos(),
                            answer.requestBytes(),
                            answer.inFlight(),
                            nowNanos);
        }
    }

    /**
     * When it counts: see {@link FirstTokenEstimate#answered}. At once where there is nothing to wait for: nothing was known, or
     * hardly another request was out that could be slower.
     */
    private static long dueNanos(Observation.FirstToken answer) {
        if (answer.inFlight() <= ALONE) {
            return answer.atNanos();
        }
        return answer.atNanos() + Math.max(0, answer.overdueNanos() - answer.sinceSentNanos());
    }

    Standing standing(Map<RequestClass, Outlook> outlooks, Outlook otherwise, long nowNanos) {
        boolean ejected = ejection.isOut(nowNanos);
        Map<String, Parking> holding = new LinkedHashMap<>();
        parked.forEach((model, parking) -> {
            if (parking.holds(nowNanos)) {
                holding.put(model, parking);
            }
        });
        return new Standing(
                backend,
                ejected ? Health.UNHEALTHY : health.health(),
                ejected ? "ejected: " + ejection.reason() : health.reason(),
                ejected,
                ejection.unauthorized(),
                latencyNanos(outlooks),
                probed.times(),
                lastProbe,
                lastProbeEpochMillis,
                failures.at(nowNanos),
                outlooks,
                otherwise,
                holding);
    }

    private long latencyNanos(Map<RequestClass, Outlook> outlooks) {
        RequestClass busiest = null;
        for (Map.Entry<RequestClass, FirstTokenEstimate> entry : live.entrySet()) {
            if (entry.getValue().known()
                    && (busiest == null
                            || entry.getValue().samples() > live.get(busiest).samples())) {
                busiest = entry.getKey();
            }
        }
        if (busiest != null && outlooks.containsKey(busiest)) {
            return outlooks.get(busiest).prediction().medianNanos();
        }
        ProbeTimes times = probed.times();
        if (times.firstByteNanos() != ProbeTimes.ABSENT) {
            return times.firstByteNanos();
        }
        return times.tlsNanos() != ProbeTimes.ABSENT ? times.connectNanos() + times.tlsNanos() : times.connectNanos();
    }
}

package io.crowfly.probes;

import io.crowfly.conf.Backend;
import io.crowfly.conf.Credential;
import io.crowfly.conf.Probe;
import io.crowfly.probes.BackendSnapshot.Health;
import io.crowfly.probes.forecast.RequestClass;
import io.crowfly.probes.forecast.RequestClasses;
import io.crowfly.probes.state.StateFields;
import java.util.Optional;
import java.util.random.RandomGenerator;

/*
 * A failure counts for the backend if it cannot be the fault of one model: no connection, a refused credential, a
 * failed probe, or any failure of a request without a model. Every other failure counts for the (backend, model) pair.
 * If most models fail (see ModelStates), the whole backend is ejected.
 */

/**
 * Health of one backend and of its models, changed by probes and by live requests. Confined to the thread of its {@link
 * BackendState}.
 */
final class BackendHealth {

    private final Backend backend;
    private final ModelStates models;

    private HealthTracker probed = HealthTracker.NOT_PROBED;
    private Ejection ejection = Ejection.NONE;

    /**
     * Whether the backend was last ejected because most of its models were, and has not responded since. Then a single
     * failure of any model ejects the backend again.
     */
    private boolean ejectedByModels;

    /** Share of failures over all models, for operators. */
    private FailureShare failures = FailureShare.NONE;

    private boolean unavailable;

    /** Whether the backend could not be reached, by a request or by its probes, since it last became available. */
    private boolean outage;

    private long returnedAtNanos = Long.MIN_VALUE;

    BackendHealth(Backend backend, RequestClasses classes) {
        this(backend, new ModelStates(classes));
    }

    private BackendHealth(Backend backend, ModelStates models) {
        this.backend = backend;
        this.models = models;
    }

    /** Returns the health for a changed conf of the same endpoint. This object must not be used any more. */
    BackendHealth withConf(Backend changed) {
        BackendHealth next = new BackendHealth(changed, models);
        next.probed = probed;
        next.ejection = ejection;
        next.ejectedByModels = ejectedByModels;
        next.failures = failures;
        next.unavailable = unavailable;
        next.outage = outage;
        next.returnedAtNanos = returnedAtNanos;
        if (!backend.probe().kind().equals(changed.probe().kind())) {
            models.forgetProbes();
        }
        return next;
    }

    /** Returns the health by probes alone. */
    HealthTracker probed() {
        return probed;
    }

    /** @param inferenceClass the class of an inference probe; empty for any other probe */
    void recordProbe(ProbeResult result, Optional<RequestClass> inferenceClass, long nowNanos) {
        Optional<RequestClass> model = inferenceClass.filter(requestClass -> servesOthersThan(requestClass.model()));
        if (model.isPresent()
                && result instanceof ProbeResult.Failure failure
                && failure.cause() == ProbeResult.Cause.MODEL) {
            models.getOrCreate(model.get()).recordProbe(result, backend.probe());
            probed = probed.afterModelFailure(failure, backend.probe());
            // The backend has responded. Nothing more is known of the response's time than that the probe had not
            // ended.
            recordReturn(ejection.afterPassedProbe(backend.probe().timeout().toNanos(), false, nowNanos));
        } else {
            probed = probed.afterProbe(result, backend.probe());
        }
        if (result instanceof ProbeResult.Success success) {
            model.ifPresent(requestClass -> models.getOrCreate(requestClass).recordProbe(result, backend.probe()));
            recordReturn(ejection.afterPassedProbe(success.times().totalNanos(), probeAttachesCredential(), nowNanos));
        } else if (probeAttachesCredential()) {
            ejection = ejection.afterFailedProbe();
        }
    }

    /** Returns whether the backend serves another model, by its conf or by a response to a live request. */
    private boolean servesOthersThan(String model) {
        return backend.models().clientNames().stream().anyMatch(name -> !name.equals(model))
                || models.hasAnsweredOtherThan(model);
    }

    private void recordReturn(Ejection next) {
        if (next != ejection) {
            ejection = next;
            failures = FailureShare.NONE; // the backend has returned: older failures no longer count
        }
    }

    private boolean probeAttachesCredential() {
        return backend.probe().kind() instanceof Probe.Kind.Http
                || backend.probe().kind() instanceof Probe.Kind.Inference;
    }

    void recordFirstToken(RequestClass requestClass, long sinceSentNanos, long nowNanos) {
        ejection = ejection.afterResponse(sinceSentNanos, nowNanos);
        ejectedByModels = ejectedByModels && ejection.isEjected(nowNanos);
        failures = failures.afterAttempt(false, nowNanos);
        models.getOrCreate(requestClass).recordFirstToken(sinceSentNanos, nowNanos);
    }

    void recordOverdue(RequestClass requestClass, long waitedNanos, long nowNanos) {
        models.getOrCreate(requestClass).recordOverdue(waitedNanos, nowNanos);
    }

    void recordThrottled(Observation.Throttled throttled) {
        ModelState model = models.getOrCreate(throttled.requestClass());
        model.park(Parking.throttled(model.parking(), throttled.retryAfterNanos(), throttled.atNanos()));
    }

    void recordLowQuota(Observation.Quota quota) {
        models.getOrCreate(quota.requestClass()).park(Parking.quota(quota.resetNanos(), quota.atNanos()));
    }

    /** @param random for the jitter of an ejection's end */
    void recordFailure(Observation.Failed failed, RandomGenerator random) {
        long now = failed.atNanos();
        boolean ourCredential = hasOwnCredential(); // a rejection of the client's says nothing about the backend
        switch (failed.kind()) {
            case NO_DEPLOYMENT -> models.getOrCreate(failed.requestClass()).park(Parking.noDeployment(now));
            case UNAUTHORIZED -> {
                if (ourCredential) {
                    eject(failed, random);
                }
            }
            case FORBIDDEN -> {
                if (ourCredential) {
                    models.getOrCreate(failed.requestClass()).park(Parking.forbidden(failed.reason(), now));
                }
            }
            case UNREACHABLE -> {
                failures = failures.afterAttempt(true, now);
                ejectedByModels = false;
                outage = true;
                eject(failed, random);
            }
            case ERROR, TIMED_OUT, INTERRUPTED -> {
                failures = failures.afterAttempt(true, now);
                recordModelFailure(failed, random);
            }
        }
    }

    private void eject(Observation.Failed failed, RandomGenerator random) {
        ejection = ejection.afterFailure(
                failed.kind(), failed.reason(), failed.sinceSentNanos(), failed.atNanos(), random);
    }

    private void recordModelFailure(Observation.Failed failed, RandomGenerator random) {
        long now = failed.atNanos();
        ModelState model = models.getOrCreate(failed.requestClass());
        if (failed.requestClass().model().isEmpty()) {
            model.recordShare(now);
            eject(failed, random);
            return;
        }
        boolean modelEjected = model.recordFailure(failed, random);
        if (!ejection.isEjected(now) && !ejection.isOlderThanLast(failed.sinceSentNanos(), now)) {
            Optional<String> reason = ejectedByModels
                    ? Optional.of("no response since the last ejection: " + failed.reason())
                    : modelEjected ? models.mostAreEjected(now) : Optional.empty();
            if (reason.isPresent()) {
                ejection = ejection.afterModelsEjected(reason.get(), now, random);
                ejectedByModels = true;
            }
        }
    }

    void removeModel(String model) {
        models.remove(model);
    }

    /** Records a return from unavailability, of the backend or of a model, if one is due by now. */
    void advance(long nowNanos) {
        boolean nowUnavailable = isEjected(nowNanos) || probed.health() == Health.UNHEALTHY;
        outage |= probed.health() == Health.UNHEALTHY;
        if (unavailable && !nowUnavailable) {
            returnedAtNanos = nowNanos;
            if (outage) {
                models.recordOutageEnd();
                outage = false;
            }
        }
        unavailable = nowUnavailable;
        models.advance(nowNanos);
    }

    /**
     * Returns when the backend last became available again for a model, after an ejection, failed probes or a parking.
     */
    long returnedAtNanos(String model, long nowNanos) {
        return StrictMath.max(returnedAtNanos, models.returnedAtNanos(model, nowNanos));
    }

    boolean isModelEjected(String model, long nowNanos) {
        return models.isEjected(model, nowNanos);
    }

    boolean isEjected(long nowNanos) {
        return ejection.isEjected(nowNanos);
    }

    Health health(long nowNanos) {
        return isEjected(nowNanos) ? Health.UNHEALTHY : probed.health();
    }

    String reason(long nowNanos) {
        return isEjected(nowNanos) ? "ejected: " + ejection.reason() : probed.reason();
    }

    /** Returns whether the backend rejects our credential, by live requests or by probes. */
    boolean unauthorized() {
        return ejection.unauthorized() || probed.unauthorized() && hasOwnCredential();
    }

    /** Returns whether Crowfly's credential is attached. With passthrough, it is the client's, and probes have none. */
    private boolean hasOwnCredential() {
        return !(backend.credential() instanceof Credential.Passthrough);
    }

    double failureShareAt(long nowNanos) {
        return failures.shareAt(nowNanos);
    }

    ModelStates models() {
        return models;
    }

    /**
     * Transfers the state to another process or from one, except the results of probes: each process judges by its own,
     * because its network and its credentials may differ. The states of models are transferred by {@link
     * LearnedState}.
     */
    void transfer(StateFields fields) {
        ejection = ejection.transferred(fields.part("ejection"));
        ejectedByModels = fields.flag("ejectedByModels", ejectedByModels);
        failures = failures.transferred(fields.part("failures"));
        returnedAtNanos = fields.moment("returnedAt", returnedAtNanos);
    }
}

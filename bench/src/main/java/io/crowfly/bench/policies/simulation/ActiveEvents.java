package io.crowfly.bench.policies.simulation;

import io.crowfly.bench.policies.scenario.Scenario;
import io.crowfly.bench.policies.scenario.ScenarioEvent;
import io.crowfly.bench.policies.scenario.ScenarioEvent.Effect;
import java.util.Arrays;
import java.util.List;

/** Combined effects of the scenario events that are active at one simulated server. */
final class ActiveEvents {

    private final List<ScenarioEvent> events;
    private final double ordinaryHangShare;

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

    ActiveEvents(Scenario scenario, int backend) {
        events = scenario.events().stream()
                .filter(event -> event.backend() == backend)
                .toList();
        ordinaryHangShare = scenario.backends().get(backend).hangShare();
        extraRttNanos = new double[scenario.edges().size()];
        errorShare = new double[scenario.models().size()];
    }

    /** Applies the events that are active now. */
    void refresh(long nowNanos) {
        slowdown = 1;
        boolean wasSlowFirst = slowFirst;
        int slowLeftBefore = slowFirstLeft;
        slowFirst = false;
        slowFirstLeft = 0;
        absent = false;
        frozen = false;
        refusing = false;
        hangShare = ordinaryHangShare;
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

    double slowdown() {
        return slowdown;
    }

    /** Returns the median time to the first token now, in nanoseconds, where it ordinarily has this value. */
    double firstTokenNanos(double ordinaryNanos) {
        return slowFirstLeft > 0 ? slowFirstNanos : ordinaryNanos;
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

    /** Returns the time until a freeze ends, in nanoseconds; 0 without a freeze. */
    double frozenNanos(long nowNanos) {
        return frozen ? frozenUntilNanos - nowNanos : 0;
    }

    double extraRttNanos(int group) {
        return extraRttNanos[group];
    }

    boolean absent() {
        return absent;
    }

    /** Returns whether connections fail. */
    boolean refusing() {
        return refusing || absent;
    }

    double hangShare() {
        return hangShare;
    }

    double errorShare(int model) {
        return errorShare[model];
    }

    long errorAfterNanos() {
        return errorAfterNanos;
    }

    double throttleShare() {
        return throttleShare;
    }

    /** Returns the {@code Retry-After} of a throttled request; negative if there is none. */
    long throttleRetryAfterNanos() {
        return throttleRetryAfterNanos;
    }

    /** Returns the probability that a request for a model fails, if the backend accepts connections. */
    double failureShare(int model) {
        return Math.max(hangShare, Math.max(errorShare[model], throttleShare));
    }
}

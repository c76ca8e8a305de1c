package io.crowfly.bench.policies.policy;

import java.time.Duration;

/**
 * Policy that selects the backend with the lowest score, and one at random among equals: Palantir Dialogue's
 * {@code BALANCED} strategy ({@code BalancedScoreTracker}). The score is this edge's requests in flight plus a weight
 * of failures. A failure or a 5xx response weighs as much as ten requests. The weight halves every 30 s, in ten steps.
 * A 429 weighs a hundredth of a failure, because Dialogue counts it against the requested resource and not against the
 * host. Scores are rounded to whole numbers, so that the small rest of an old failure does not decide.
 *
 * <p>The strategy does not use latency. It detects a slower backend only by its higher number of requests in flight.
 */
final class DialogueBalanced implements SelectionPolicy {

    private static final double FAILURE_WEIGHT = 10;
    private static final double CLIENT_ERROR_WEIGHT = FAILURE_WEIGHT / 100;
    private static final int DECAYS_PER_HALF_LIFE = 10;
    private static final long DECAY_NANOS = Duration.ofSeconds(30).toNanos() / DECAYS_PER_HALF_LIFE;

    private final RandomDraw randomDraw;
    private final int backends;
    private final int[] inFlight;
    private final double[] failures;
    private final long[] decaysDone;
    private final double decay = StrictMath.pow(0.5, 1.0 / DECAYS_PER_HALF_LIFE);

    DialogueBalanced(EdgeEnvironment environment) {
        randomDraw = new RandomDraw(environment);
        backends = environment.count();
        inFlight = new int[backends];
        failures = new double[backends];
        decaysDone = new long[backends];
    }

    @Override
    public int choose(SimulatedRequest request, TriedBackends tried, long nowNanos) {
        long lowest = Long.MAX_VALUE;
        for (int b = 0; b < backends; b++) {
            if (!tried.has(b)) {
                lowest = Math.min(lowest, score(b, nowNanos));
            }
        }
        TriedBackends outside = new TriedBackends();
        for (int b = 0; b < backends; b++) {
            if (tried.has(b) || score(b, nowNanos) > lowest) {
                outside.add(b);
            }
        }
        return randomDraw.any(outside);
    }

    private long score(int backend, long nowNanos) {
        decayed(backend, nowNanos);
        return inFlight[backend] + Math.round(failures[backend]);
    }

    private void decayed(int backend, long nowNanos) {
        long due = nowNanos / DECAY_NANOS;
        if (due > decaysDone[backend]) {
            failures[backend] *= StrictMath.pow(decay, due - decaysDone[backend]);
            decaysDone[backend] = due;
        }
    }

    @Override
    public void sent(SimulatedAttempt attempt) {
        inFlight[attempt.backend()]++;
    }

    @Override
    public void completed(SimulatedAttempt attempt, int outputTokens, long nowNanos) {
        inFlight[attempt.backend()]--;
    }

    @Override
    public void failed(SimulatedAttempt attempt, SimulatedFailure failure, long nowNanos) {
        inFlight[attempt.backend()]--;
        decayed(attempt.backend(), nowNanos);
        failures[attempt.backend()] +=
                failure instanceof SimulatedFailure.TooManyRequests ? CLIENT_ERROR_WEIGHT : FAILURE_WEIGHT;
    }
}

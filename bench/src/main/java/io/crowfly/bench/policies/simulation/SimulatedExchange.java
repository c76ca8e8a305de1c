package io.crowfly.bench.policies.simulation;

import io.crowfly.bench.policies.policy.SelectionPolicy;
import io.crowfly.bench.policies.policy.SimulatedAttempt;
import io.crowfly.bench.policies.policy.SimulatedFailure;
import io.crowfly.bench.policies.policy.SimulatedRequest;
import io.crowfly.bench.policies.policy.TriedBackends;
import java.util.ArrayList;
import java.util.List;

/**
 * One user's request in the policy simulator, from its arrival to the last byte or to the error that the user receives.
 * It makes attempts at backends that the policy selects, one at a time or with a hedge beside a slow one, and simulates
 * the retries of the user's client library.
 */
final class SimulatedExchange {

    static final int MAX_ATTEMPTS = 3;

    /** Time between two checks for slow attempts, as in the balancer. */
    static final long TICK_NANOS = 20_000_000;

    /** Number of retries by the client. OpenAI's libraries retry twice, after half a second and after one second. */
    private static final int CLIENT_RETRIES = 2;

    private static final long CLIENT_BACKOFF_NANOS = 500_000_000;

    /** Failure of a request for which the policy selected no backend. */
    private static final SimulatedFailure UNAVAILABLE = new SimulatedFailure.ServerError(503);

    private final SimulatedWorld world;
    private final SimulatedEdge edge;
    private final int index;
    private final long arrivedNanos;

    private int clientTry;
    private SimulatedRequest request;
    private TriedBackends tried;
    private boolean hedged;

    /** The attempts of the present client try that have neither a first token nor failed. */
    private final List<AttemptRun> waiting = new ArrayList<>(2);

    SimulatedExchange(SimulatedWorld world, SimulatedEdge edge, int index) {
        this.world = world;
        this.edge = edge;
        this.index = index;
        this.arrivedNanos = world.clock.nanoTime();
        this.request = request();
        this.tried = world.newTried();
        world.openRequests++;
    }

    private SimulatedRequest request() {
        Workload workload = world.workload;
        int model = workload.model(index);
        return new SimulatedRequest(
                (long) index * (CLIENT_RETRIES + 1) + clientTry,
                world.scenario.models().get(model).name(),
                model,
                workload.streamed(index),
                Workload.bytes(workload.promptTokens(index)));
    }

    int outputTokens() {
        return world.workload.outputTokens(index);
    }

    /** Selects a backend and starts an attempt there. */
    void start() {
        int backend = edge.policy().choose(request, tried, world.clock.nanoTime());
        if (backend == SelectionPolicy.NONE) {
            giveUp(UNAVAILABLE);
            return;
        }
        checkUntried(backend);
        if (tried.count() == 0) {
            world.statistics.recordChoice(world, edge, request, backend, arrivedNanos);
        }
        AttemptRun run = startAt(backend);
        long delayNanos = hedged ? Long.MAX_VALUE : edge.policy().hedgeDelayNanos(run.attempt());
        if (delayNanos != Long.MAX_VALUE) {
            scheduleTick(run, run.attempt().sentNanos() + delayNanos);
        }
    }

    private void checkUntried(int backend) {
        if (backend < 0 || backend >= world.servers.length || tried.has(backend)) {
            throw new IllegalStateException(edge.policy().getClass().getSimpleName() + " chose backend " + backend
                    + ", which was already tried or does not exist");
        }
    }

    private AttemptRun startAt(int backend) {
        world.statistics.recordAttempt(arrivedNanos);
        tried.add(backend);
        SimulatedAttempt attempt = new SimulatedAttempt(request, backend, tried.count(), world.clock.nanoTime());
        AttemptRun run = AttemptRun.start(world, edge, this, attempt);
        waiting.add(run);
        return run;
    }

    private boolean mayStartAnother() {
        return tried.count() < Math.min(MAX_ATTEMPTS, world.presentCount());
    }

    private void scheduleTick(AttemptRun slow, long earliestNanos) {
        long tickNanos = (earliestNanos / TICK_NANOS + 1) * TICK_NANOS;
        world.clock.scheduleAt(tickNanos, () -> considerHedge(slow));
    }

    private void considerHedge(AttemptRun slow) {
        if (hedged || waiting.size() != 1 || waiting.get(0) != slow || !mayStartAnother()) {
            return;
        }
        long now = world.clock.nanoTime();
        int backend = edge.policy().hedge(slow.attempt(), tried, now);
        if (backend == SelectionPolicy.NONE) {
            scheduleTick(slow, now);
            return;
        }
        checkUntried(backend);
        hedged = true;
        world.statistics.recordHedge(arrivedNanos);
        startAt(backend);
    }

    void recordLostTokens(double tokens) {
        world.statistics.recordLostTokens(arrivedNanos, tokens);
    }

    void onFirstToken(AttemptRun winner) {
        world.statistics.recordFirstToken(request.modelIndex(), arrivedNanos, world.clock.nanoTime());
        world.statistics.recordTokens(arrivedNanos, Workload.tokens(request.promptBytes()) + outputTokens());
        waiting.remove(winner);
        waiting.forEach(AttemptRun::cancel);
        waiting.clear();
    }

    void onComplete(AttemptRun winner) {
        edge.policy().completed(winner.attempt(), outputTokens(), world.clock.nanoTime());
        world.statistics.recordCompletion(arrivedNanos, world.clock.nanoTime());
        world.openRequests--;
    }

    void onFailure(AttemptRun failed, SimulatedFailure failure) {
        edge.policy().failed(failed.attempt(), failure, world.clock.nanoTime());
        waiting.remove(failed);
        if (!waiting.isEmpty()) {
            return;
        }
        if (mayStartAnother()) {
            start();
        } else {
            giveUp(failure);
        }
    }

    /** Sends the failure to the client. The client retries, or reports an error to the user. */
    private void giveUp(SimulatedFailure last) {
        if (last instanceof SimulatedFailure.TooManyRequests) {
            world.statistics.recordClient429(arrivedNanos);
        }
        if (clientTry == CLIENT_RETRIES) {
            world.statistics.recordError(arrivedNanos);
            world.openRequests--;
            return;
        }
        long backoff = CLIENT_BACKOFF_NANOS << clientTry;
        clientTry++;
        request = request();
        tried = world.newTried();
        hedged = false;
        world.clock.scheduleAt(world.clock.nanoTime() + backoff, this::start);
    }
}

package io.crowfly.bench.policies.simulation;

import io.crowfly.bench.policies.policy.SelectionPolicy;
import io.crowfly.bench.policies.policy.SimulatedAttempt;
import io.crowfly.bench.policies.policy.SimulatedFailure;
import io.crowfly.bench.policies.policy.SimulatedRequest;
import io.crowfly.bench.policies.policy.TriedBackends;

/**
 * One user's request in the policy simulator, from its arrival to the last byte or to the error that the user receives.
 * It makes attempts at backends that the policy selects, and simulates the retries of the user's client library.
 *
 * <p>The exchange is its own task on the clock, because only one step is pending at any time.
 */
final class SimulatedExchange implements Runnable {

    static final int MAX_ATTEMPTS = 3;

    /** Number of retries by the client. OpenAI's libraries retry twice, after half a second and after one second. */
    private static final int CLIENT_RETRIES = 2;

    private static final long CLIENT_BACKOFF_NANOS = 500_000_000;

    /** Failure of a request for which the policy selected no backend. */
    private static final SimulatedFailure UNAVAILABLE = new SimulatedFailure.ServerError(503);

    private enum NextStep {
        CHOICE,
        AT_SERVER,
        FIRST_TOKEN,
        END,
        FAILURE
    }

    private final SimulatedWorld world;
    private final SimulatedEdge edge;
    private final int index;
    private final long arrivedNanos;

    private int clientTry;
    private SimulatedRequest request;
    private TriedBackends tried;
    private SimulatedAttempt attempt;
    private double rttNanos;
    private long deadlineNanos;
    private long endNanos;
    private long serverNanos;
    private double quotaLeft;
    private long quotaResetNanos;
    private SimulatedFailure failure = UNAVAILABLE;
    private NextStep nextStep = NextStep.CHOICE;

    SimulatedExchange(SimulatedWorld world, SimulatedEdge edge, int index) {
        this.world = world;
        this.edge = edge;
        this.index = index;
        this.arrivedNanos = world.clock.nanoTime();
        this.request = request();
        this.tried = world.newTried();
        this.attempt = new SimulatedAttempt(request, 0, 0, arrivedNanos);
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

    @Override
    public void run() {
        switch (nextStep) {
            case CHOICE -> chooseBackend();
            case AT_SERVER -> arriveAtServer();
            case FIRST_TOKEN -> receiveFirstToken();
            case END -> complete();
            case FAILURE -> attemptFailed();
        }
    }

    private void scheduleStep(NextStep what, long timeNanos) {
        nextStep = what;
        world.clock.scheduleAt(timeNanos, this);
    }

    private void chooseBackend() {
        long now = world.clock.nanoTime();
        int backend = edge.policy().choose(request, tried, now);
        if (backend == SelectionPolicy.NONE) {
            giveUp(UNAVAILABLE);
            return;
        }
        if (backend < 0 || backend >= world.servers.length || tried.has(backend)) {
            throw new IllegalStateException(edge.policy().getClass().getSimpleName() + " chose backend " + backend
                    + ", which was already tried or does not exist");
        }
        SimulatedServer server = world.servers[backend];
        if (tried.count() == 0) {
            world.statistics.recordChoice(world, edge, request, backend, arrivedNanos);
        }
        world.statistics.recordAttempt(arrivedNanos);
        rttNanos = server.rttNanos(edge.group(), world.noise, request.id());
        attempt = new SimulatedAttempt(request, backend, tried.count() + 1, now);
        server.requestSent();
        edge.policy().sent(attempt);
        long ownTimeout = edge.policy().firstByteTimeoutNanos(attempt);
        deadlineNanos = now + Math.min(world.scenario.firstByteTimeoutNanos(), ownTimeout);
        scheduleStep(NextStep.AT_SERVER, now + (long) (rttNanos / 2));
    }

    private void arriveAtServer() {
        long now = world.clock.nanoTime();
        SimulatedServer server = world.servers[attempt.backend()];
        server.requestArrived();
        if (server.refusing()) {
            fail(new SimulatedFailure.Refused(), now);
            return;
        }
        long retryAfterNanos = server.retryAfterNanos(now, world.noise, request.id());
        if (retryAfterNanos >= 0) {
            long hint = retryAfterNanos == Long.MAX_VALUE ? -1 : retryAfterNanos;
            fail(new SimulatedFailure.TooManyRequests(hint), now + SimulatedServer.FRONT_DOOR_NANOS);
        } else if (server.failsWithError(request.modelIndex(), world.noise, request.id())) {
            fail(new SimulatedFailure.ServerError(500), now + server.errorAfterNanos());
        } else if (server.hangs(world.noise, request.id())) {
            timeOut(server, Long.MAX_VALUE);
        } else {
            serve(server, now);
        }
    }

    private void serve(SimulatedServer server, long now) {
        int inFlight = server.inFlight(now) + 1;
        double service = server.serviceNanos(
                request.modelIndex(), Workload.tokens(request.promptBytes()), inFlight, world.noise, request.id());
        server.countServed();
        if (server.servesFastAgain()) {
            world.statistics.recordFastAgain(server.index, now);
        }
        double rest =
                Math.max(0, world.workload.outputTokens(index) - 1) * server.betweenTokensNanos(request.modelIndex());
        long endNanosAtServer = now + (long) (service + rest);
        endNanosAtServer += server.heldNanos(endNanosAtServer);
        double firstByte = request.streamed() ? service : service + rest;
        firstByte += server.heldNanos(now + (long) firstByte);
        long receivedNanos = now + (long) (firstByte + rttNanos / 2);
        if (receivedNanos > deadlineNanos) {
            timeOut(server, endNanosAtServer);
            return;
        }
        server.occupy(endNanosAtServer);
        world.statistics.recordService(world, attempt.backend(), inFlight, service);
        endNanos = endNanosAtServer + (long) (rttNanos / 2);
        serverNanos = (long) firstByte;
        quotaLeft = server.quotaLeft();
        quotaResetNanos = server.quotaResetNanos(now);
        scheduleStep(NextStep.FIRST_TOKEN, receivedNanos);
    }

    /**
     * Ends the attempt at its deadline. The request occupies the server for another half round trip, because the
     * cancellation takes that time.
     */
    private void timeOut(SimulatedServer server, long overNanos) {
        long now = world.clock.nanoTime();
        long deadline = Math.max(now, deadlineNanos);
        server.occupy(Math.min(overNanos, deadline + (long) (rttNanos / 2)));
        failure = new SimulatedFailure.Timeout(deadline - attempt.sentNanos());
        scheduleStep(NextStep.FAILURE, deadline);
    }

    private void fail(SimulatedFailure how, long answeredNanos) {
        long receivedNanos = answeredNanos + (long) (rttNanos / 2);
        if (receivedNanos > deadlineNanos) {
            long deadline = Math.max(world.clock.nanoTime(), deadlineNanos);
            failure = new SimulatedFailure.Timeout(deadline - attempt.sentNanos());
            scheduleStep(NextStep.FAILURE, deadline);
        } else {
            failure = how;
            scheduleStep(NextStep.FAILURE, receivedNanos);
        }
    }

    private void receiveFirstToken() {
        long now = world.clock.nanoTime();
        SimulatedServer server = world.servers[attempt.backend()];
        if (server.hasQuota()) {
            edge.policy().quotaReported(attempt, quotaLeft, Math.max(0, quotaResetNanos - now), now);
        }
        edge.policy()
                .firstToken(attempt, server.reportsProcessingTime() ? serverNanos : SelectionPolicy.NOT_REPORTED, now);
        world.statistics.recordFirstToken(arrivedNanos, now);
        scheduleStep(NextStep.END, Math.max(now, endNanos));
    }

    private void complete() {
        edge.policy().completed(attempt, world.workload.outputTokens(index), world.clock.nanoTime());
        world.openRequests--;
    }

    private void attemptFailed() {
        edge.policy().failed(attempt, failure, world.clock.nanoTime());
        tried.add(attempt.backend());
        if (tried.count() < Math.min(MAX_ATTEMPTS, world.presentCount())) {
            chooseBackend();
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
        scheduleStep(NextStep.CHOICE, world.clock.nanoTime() + backoff);
    }
}

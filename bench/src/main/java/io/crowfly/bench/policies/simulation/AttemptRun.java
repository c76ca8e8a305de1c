package io.crowfly.bench.policies.simulation;

import io.crowfly.bench.policies.policy.SelectionPolicy;
import io.crowfly.bench.policies.policy.SimulatedAttempt;
import io.crowfly.bench.policies.policy.SimulatedFailure;
import io.crowfly.bench.policies.policy.SimulatedRequest;

/**
 * One attempt in the policy simulator, from its sending to the last byte, a failure or its cancellation. It is its own
 * task on the clock, because only one of its steps is pending at any time.
 */
final class AttemptRun implements Runnable {

    /** Value of {@link #occupiedUntilNanos} while the attempt is not in flight at the server. */
    private static final long NOT_OCCUPIED = -1;

    private enum NextStep {
        AT_SERVER,
        FIRST_TOKEN,
        END,
        FAILURE
    }

    private final SimulatedWorld world;
    private final SimulatedEdge edge;
    private final SimulatedExchange exchange;
    private final SimulatedAttempt attempt;
    private final SimulatedServer server;
    private final double rttNanos;
    private final long deadlineNanos;

    private NextStep nextStep = NextStep.AT_SERVER;
    private SimulatedFailure failure = new SimulatedFailure.Refused();

    /** Virtual time at which the edge cancelled the attempt. */
    private long cancelledNanos = Long.MAX_VALUE;

    private long occupiedUntilNanos = NOT_OCCUPIED;
    private long firstTokenAtServerNanos = Long.MAX_VALUE;
    private long endNanos;
    private long serverNanos;
    private double quotaLeft;
    private long quotaResetNanos;

    private AttemptRun(SimulatedWorld world, SimulatedEdge edge, SimulatedExchange exchange, SimulatedAttempt attempt) {
        this.world = world;
        this.edge = edge;
        this.exchange = exchange;
        this.attempt = attempt;
        server = world.servers[attempt.backend()];
        rttNanos = server.rttNanos(edge.group(), world.noise, attempt.request().id());
        server.requestSent();
        edge.policy().sent(attempt);
        deadlineNanos = attempt.sentNanos()
                + Math.min(world.scenario.firstByteTimeoutNanos(), edge.policy().firstByteTimeoutNanos(attempt));
    }

    /** Sends a request to a backend now. */
    static AttemptRun start(
            SimulatedWorld world, SimulatedEdge edge, SimulatedExchange exchange, SimulatedAttempt attempt) {
        AttemptRun run = new AttemptRun(world, edge, exchange, attempt);
        run.scheduleStep(NextStep.AT_SERVER, attempt.sentNanos() + (long) (run.rttNanos / 2));
        return run;
    }

    SimulatedAttempt attempt() {
        return attempt;
    }

    /** Ends the attempt at the edge. The server learns of it half a round trip later, and then frees its place. */
    void cancel() {
        cancelledNanos = world.clock.nanoTime();
        edge.policy().cancelled(attempt, cancelledNanos);
        if (occupiedUntilNanos != NOT_OCCUPIED) {
            long releasedNanos = cancellationArrivesNanos();
            if (releasedNanos < occupiedUntilNanos) {
                server.shortenOccupation(occupiedUntilNanos, releasedNanos);
                occupiedUntilNanos = releasedNanos;
            }
            recordLostTokens();
        }
    }

    private boolean isCancelled() {
        return cancelledNanos != Long.MAX_VALUE;
    }

    private long cancellationArrivesNanos() {
        return isCancelled() ? cancelledNanos + (long) (rttNanos / 2) : Long.MAX_VALUE;
    }

    @Override
    public void run() {
        if (nextStep == NextStep.AT_SERVER) {
            arriveAtServer();
        } else if (!isCancelled()) {
            switch (nextStep) {
                case FIRST_TOKEN -> receiveFirstToken();
                case END -> exchange.onComplete(this);
                default -> exchange.onFailure(this, failure);
            }
        }
    }

    private void scheduleStep(NextStep what, long timeNanos) {
        nextStep = what;
        world.clock.scheduleAt(timeNanos, this);
    }

    private void arriveAtServer() {
        long now = world.clock.nanoTime();
        SimulatedRequest request = attempt.request();
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
            timeOut(Long.MAX_VALUE);
        } else {
            serve(now);
        }
    }

    private void serve(long now) {
        SimulatedRequest request = attempt.request();
        int inFlight = server.inFlight(now) + 1;
        double service = server.serviceNanos(
                request.modelIndex(), Workload.tokens(request.promptBytes()), inFlight, world.noise, request.id());
        server.countServed();
        if (server.servesFastAgain()) {
            world.statistics.recordFastAgain(server.index, now);
        }
        double rest = Math.max(0, exchange.outputTokens() - 1) * server.betweenTokensNanos(request.modelIndex());
        firstTokenAtServerNanos = now + (long) service;
        long endAtServerNanos = now + (long) (service + rest);
        endAtServerNanos += server.heldNanos(endAtServerNanos);
        double firstByte = request.streamed() ? service : service + rest;
        firstByte += server.heldNanos(now + (long) firstByte);
        long receivedNanos = now + (long) (firstByte + rttNanos / 2);
        if (receivedNanos > deadlineNanos) {
            timeOut(endAtServerNanos);
            return;
        }
        occupy(endAtServerNanos);
        if (isCancelled()) {
            return;
        }
        world.statistics.recordService(world, attempt.backend(), inFlight, service);
        endNanos = endAtServerNanos + (long) (rttNanos / 2);
        serverNanos = (long) firstByte;
        quotaLeft = server.quotaLeft();
        quotaResetNanos = server.quotaResetNanos(now);
        scheduleStep(NextStep.FIRST_TOKEN, receivedNanos);
    }

    private void occupy(long untilNanos) {
        occupiedUntilNanos = Math.min(untilNanos, cancellationArrivesNanos());
        server.occupy(occupiedUntilNanos);
        if (isCancelled()) {
            recordLostTokens();
        }
    }

    /** Records the tokens that the server has read and generated for a response that is not used. */
    private void recordLostTokens() {
        SimulatedRequest request = attempt.request();
        double generated = 0;
        if (occupiedUntilNanos >= firstTokenAtServerNanos) {
            double between = server.betweenTokensNanos(request.modelIndex());
            double possible = between == 0
                    ? exchange.outputTokens()
                    : 1 + (occupiedUntilNanos - firstTokenAtServerNanos) / between;
            generated = Math.min(exchange.outputTokens(), possible);
        }
        exchange.recordLostTokens(Workload.tokens(request.promptBytes()) + generated);
    }

    /**
     * Ends the attempt at its deadline. The request occupies the server for another half round trip, because the
     * cancellation takes that time.
     */
    private void timeOut(long overNanos) {
        long deadline = Math.max(world.clock.nanoTime(), deadlineNanos);
        occupy(Math.min(overNanos, deadline + (long) (rttNanos / 2)));
        failAt(new SimulatedFailure.Timeout(deadline - attempt.sentNanos()), deadline);
    }

    private void fail(SimulatedFailure how, long answeredNanos) {
        long receivedNanos = answeredNanos + (long) (rttNanos / 2);
        if (receivedNanos > deadlineNanos) {
            long deadline = Math.max(world.clock.nanoTime(), deadlineNanos);
            failAt(new SimulatedFailure.Timeout(deadline - attempt.sentNanos()), deadline);
        } else {
            failAt(how, receivedNanos);
        }
    }

    private void failAt(SimulatedFailure how, long timeNanos) {
        failure = how;
        if (!isCancelled()) {
            scheduleStep(NextStep.FAILURE, timeNanos);
        }
    }

    private void receiveFirstToken() {
        long now = world.clock.nanoTime();
        if (server.hasQuota()) {
            edge.policy().quotaReported(attempt, quotaLeft, Math.max(0, quotaResetNanos - now), now);
        }
        edge.policy()
                .firstToken(attempt, server.reportsProcessingTime() ? serverNanos : SelectionPolicy.NOT_REPORTED, now);
        exchange.onFirstToken(this);
        scheduleStep(NextStep.END, Math.max(now, endNanos));
    }
}

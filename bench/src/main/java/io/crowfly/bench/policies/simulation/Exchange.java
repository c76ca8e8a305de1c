package io.crowfly.bench.policies.simulation;

import io.crowfly.bench.policies.policy.Attempt;
import io.crowfly.bench.policies.policy.Failure;
import io.crowfly.bench.policies.policy.Policy;
import io.crowfly.bench.policies.policy.Request;
import io.crowfly.bench.policies.policy.Tried;

/**
 * One user's request from its arrival to the last byte, or to the error that the user gets: attempts at backends that the
 * policy chooses, and what the user's client library does about a failure.
 *
 * <p>It is its own task on the clock, since only one thing at a time is ahead of it.
 */
final class Exchange implements Runnable {

    static final int MAX_ATTEMPTS = 3;

    /** OpenAI's libraries try twice again, after half a second and twice that. */
    private static final int CLIENT_RETRIES = 2;

    private static final long CLIENT_BACKOFF_NANOS = 500_000_000;

    /** What an attempt that was never sent has failed by: the policy refused. */
    private static final Failure UNAVAILABLE = new Failure.ServerError(503);

    private enum Ahead {
        CHOICE,
        AT_SERVER,
        FIRST_TOKEN,
        END,
        FAILURE
    }

    private final World world;
    private final Edge edge;
    private final int index;
    private final long begunNanos;

    private int clientTry;
    private Request request;
    private Tried tried = new Tried();
    private Attempt attempt;
    private double rttNanos;
    private long deadlineNanos;
    private Failure failure = UNAVAILABLE;
    private Ahead ahead = Ahead.CHOICE;

    Exchange(World world, Edge edge, int index) {
        this.world = world;
        this.edge = edge;
        this.index = index;
        this.begunNanos = world.clock.nanoTime();
        this.request = request();
        this.attempt = new Attempt(request, 0, 0, begunNanos);
        world.open++;
    }

    private Request request() {
        Workload workload = world.workload;
        int model = workload.model(index);
        return new Request(
                (long) index * (CLIENT_RETRIES + 1) + clientTry,
                world.scenario.models().get(model).name(),
                model,
                workload.streamed(index),
                Workload.bytes(workload.promptTokens(index)));
    }

    @Override
    public void run() {
        switch (ahead) {
            case CHOICE -> choose();
            case AT_SERVER -> atServer();
            case FIRST_TOKEN -> firstToken();
            case END -> end();
            case FAILURE -> failed();
        }
    }

    private void at(Ahead what, long timeNanos) {
        ahead = what;
        world.clock.at(timeNanos, this);
    }

    private void choose() {
        long now = world.clock.nanoTime();
        int backend = edge.policy().choose(request, tried, now);
        if (backend == Policy.NONE) {
            giveUp(UNAVAILABLE);
            return;
        }
        if (backend < 0 || backend >= world.servers.length || tried.has(backend)) {
            throw new IllegalStateException(
                    edge.policy().getClass().getSimpleName() + " chose backend " + backend + ", which it may not");
        }
        Server server = world.servers[backend];
        if (tried.count() == 0) {
            world.tally.chosen(world, edge, request, backend, begunNanos);
        }
        world.tally.sent(begunNanos);
        rttNanos = server.rttNanos(edge.group(), world.noise, request.id());
        attempt = new Attempt(request, backend, tried.count() + 1, now);
        server.departs();
        edge.policy().sent(attempt);
        long ownTimeout = edge.policy().firstByteTimeoutNanos(attempt);
        deadlineNanos = now + Math.min(world.scenario.firstByteTimeoutNanos(), ownTimeout);
        at(Ahead.AT_SERVER, now + (long) (rttNanos / 2));
    }

    private void atServer() {
        long now = world.clock.nanoTime();
        Server server = world.servers[attempt.backend()];
        server.arrives();
        if (server.refusing()) {
            failsBy(new Failure.Refused(), now);
            return;
        }
        long throttled = server.throttledNanos(now, world.noise, request.id());
        if (throttled >= 0) {
            long hint = throttled == Long.MAX_VALUE ? -1 : throttled;
            failsBy(new Failure.TooManyRequests(hint), now + Server.FRONT_DOOR_NANOS);
        } else if (server.errs(world.noise, request.id())) {
            failsBy(new Failure.ServerError(500), now + server.errorAfterNanos());
        } else if (server.hangs(world.noise, request.id())) {
            timesOut(server, Long.MAX_VALUE);
        } else {
            answers(server, now);
        }
    }

    private void answers(Server server, long now) {
        int inFlight = server.inFlight(now) + 1;
        double service = server.serviceNanos(
                request.modelIndex(), Workload.tokens(request.promptBytes()), inFlight, world.noise, request.id());
        double rest =
                Math.max(0, world.workload.outputTokens(index) - 1) * server.betweenTokensNanos(request.modelIndex());
        long over = now + (long) (service + rest);
        double firstByte = request.streamed() ? service : service + rest;
        long heard = now + (long) (firstByte + rttNanos / 2);
        if (heard > deadlineNanos) {
            timesOut(server, over);
            return;
        }
        server.occupy(over);
        world.tally.began(world, attempt.backend(), inFlight, service);
        endNanos = over + (long) (rttNanos / 2);
        at(Ahead.FIRST_TOKEN, heard);
    }

    private long endNanos;

    /** The edge gives it up at the deadline, and the server hears of that. */
    private void timesOut(Server server, long overNanos) {
        long now = world.clock.nanoTime();
        long deadline = Math.max(now, deadlineNanos);
        server.occupy(Math.min(overNanos, deadline + (long) (rttNanos / 2)));
        failure = new Failure.Timeout(deadline - attempt.sentNanos());
        at(Ahead.FAILURE, deadline);
    }

    private void failsBy(Failure how, long answeredNanos) {
        long heard = answeredNanos + (long) (rttNanos / 2);
        if (heard > deadlineNanos) {
            long deadline = Math.max(world.clock.nanoTime(), deadlineNanos);
            failure = new Failure.Timeout(deadline - attempt.sentNanos());
            at(Ahead.FAILURE, deadline);
        } else {
            failure = how;
            at(Ahead.FAILURE, heard);
        }
    }

    private void firstToken() {
        long now = world.clock.nanoTime();
        edge.policy().firstToken(attempt, now);
        world.tally.answered(begunNanos, now);
        at(Ahead.END, Math.max(now, endNanos));
    }

    private void end() {
        edge.policy().ended(attempt, world.workload.outputTokens(index), world.clock.nanoTime());
        world.open--;
    }

    private void failed() {
        edge.policy().failed(attempt, failure, world.clock.nanoTime());
        tried.add(attempt.backend());
        if (tried.count() < Math.min(MAX_ATTEMPTS, world.servers.length)) {
            choose();
        } else {
            giveUp(failure);
        }
    }

    /** What the client gets, and does then. */
    private void giveUp(Failure last) {
        if (last instanceof Failure.TooManyRequests) {
            world.tally.clientSaw429(begunNanos);
        }
        if (clientTry == CLIENT_RETRIES) {
            world.tally.erred(begunNanos);
            world.open--;
            return;
        }
        long backoff = CLIENT_BACKOFF_NANOS << clientTry;
        clientTry++;
        request = request();
        tried = new Tried();
        at(Ahead.CHOICE, world.clock.nanoTime() + backoff);
    }
}

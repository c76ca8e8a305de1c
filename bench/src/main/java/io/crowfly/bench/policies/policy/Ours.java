package io.crowfly.bench.policies.policy;

import io.crowfly.balancer.routing.Candidates;
import io.crowfly.balancer.routing.Candidates.Candidate;
import io.crowfly.balancer.routing.Chooser;
import io.crowfly.balancer.routing.Load;
import io.crowfly.balancer.routing.Planner;
import io.crowfly.balancer.routing.RequestFacts;
import io.crowfly.balancer.routing.RoutingTable;
import io.crowfly.conf.Admin;
import io.crowfly.conf.BindAddress;
import io.crowfly.conf.Conf;
import io.crowfly.conf.Limits;
import io.crowfly.conf.Routing;
import io.crowfly.conf.State;
import io.crowfly.conf.Timeouts;
import io.crowfly.probes.Api;
import io.crowfly.probes.Observation;
import io.crowfly.probes.Observation.Strike;
import io.crowfly.probes.Prediction;
import io.crowfly.probes.ProbeTimes;
import io.crowfly.probes.Probes;
import io.crowfly.probes.RequestClass;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * What Crowfly does: the very classes that choose in the balancer, {@link Probes} and {@link Planner} and {@link Chooser}, at
 * an edge with one event loop. What stands here is only what the balancer's exchanges do: ask, and tell what came of it.
 */
final class Ours implements Policy, Load {

    /** As the balancer's exchanges have it, like the next two. */
    private static final double TOLD_BELOW = 0.2;

    private static final double SILENCE_QUANTILES = 3;

    private static final long SHORTEST_SILENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Surroundings surroundings;
    private final Probes probes;
    private final Consumer<Observation> observations;
    private final Chooser chooser;
    private final long[] inFlight;
    private final Map<Request, Candidates> deciding = new HashMap<>();
    private final Map<Attempt, Waiting> waiting = new HashMap<>();
    private RoutingTable table;

    /** An attempt until its first token. */
    private static final class Waiting {
        private final Prediction prediction;
        private final long inFlight;
        private boolean overdue;

        Waiting(Prediction prediction, long inFlight) {
            this.prediction = prediction;
            this.inFlight = inFlight;
        }
    }

    Ours(Surroundings surroundings) {
        this.surroundings = surroundings;
        inFlight = new long[surroundings.count()];
        chooser = new Chooser(surroundings.random());
        Planner planner = new Planner(conf(surroundings), (backend, api) -> true, this);
        probes = new Probes(
                surroundings.prober(),
                surroundings.timeline(),
                surroundings.random(),
                ranking -> table = planner.plan(ranking),
                (backend, result) -> {});
        observations = probes.observer();
        probes.update(surroundings.backends());
        table = planner.plan(probes.ranking());
    }

    /** An operator's that has nothing in it but backends. */
    private static Conf conf(Surroundings surroundings) {
        Duration any = Duration.ofMinutes(1);
        return new Conf(
                "",
                List.of(),
                new Admin(new BindAddress.Tcp("127.0.0.1", 0)),
                surroundings.backends(),
                Routing.DEFAULT,
                new Timeouts(any, any, any, any, any, any),
                new Limits(1, 1, 1, 1, 1),
                State.DEFAULT,
                Optional.empty(),
                false);
    }

    @Override
    public int choose(Request request, Tried tried, long nowNanos) {
        int place;
        Candidates candidates;
        candidates = deciding.computeIfAbsent(request, its -> table.candidates(facts(its), surroundings.random()));
        if (tried.count() == 0) {
            place = chooser.first(candidates, this, true);
        } else {
            place = chooser.next(candidates, places(candidates, tried), tried.count());
        }
        if (place == Chooser.NONE) {
            deciding.remove(request);
            return NONE;
        }
        return candidates.list().get(place).index();
    }

    private static int[] places(Candidates candidates, Tried tried) {
        int[] places = new int[tried.count()];
        int count = 0;
        for (int place = 0; place < candidates.list().size() && count < places.length; place++) {
            if (tried.has(candidates.list().get(place).index())) {
                places[count++] = place;
            }
        }
        Arrays.fill(places, count, places.length, Chooser.NONE);
        return places;
    }

    private RequestFacts facts(Request request) {
        return new RequestFacts(
                requestClass(request), "/v1/chat/completions", (name, value) -> false, request.promptBytes());
    }

    private static RequestClass requestClass(Request request) {
        return new RequestClass(Api.CHAT_COMPLETIONS, request.model(), request.streamed());
    }

    @Override
    public void sent(Attempt attempt) {
        inFlight[attempt.backend()]++;
        Waiting its =
                new Waiting(candidate(attempt.request(), attempt.backend()).prediction(), inFlight[attempt.backend()]);
        waiting.put(attempt, its);
        if (its.prediction.basis() == Prediction.Basis.LIVE) {
            surroundings.timeline().schedule(its.prediction.overdueNanos(), () -> overdue(attempt));
        }
    }

    private void overdue(Attempt attempt) {
        Waiting its = waiting.get(attempt);
        if (its != null) {
            boolean again = its.overdue;
            its.overdue = true;
            long now = surroundings.timeline().nanoTime();
            observations.accept(new Observation.Overdue(
                    surroundings.backends().get(attempt.backend()),
                    requestClass(attempt.request()),
                    attempt.request().promptBytes(),
                    its.inFlight,
                    now - attempt.sentNanos(),
                    again,
                    now));
            surroundings.timeline().schedule((now - attempt.sentNanos()) / 2, () -> overdue(attempt));
        }
    }

    @Override
    public void firstToken(Attempt attempt, long serverNanos, long nowNanos) {
        deciding.remove(attempt.request());
        Waiting its = waiting.remove(attempt);
        observations.accept(new Observation.FirstToken(
                surroundings.backends().get(attempt.backend()),
                requestClass(attempt.request()),
                attempt.request().promptBytes(),
                its.inFlight,
                nowNanos - attempt.sentNanos(),
                serverNanos == UNSAID ? ProbeTimes.ABSENT : serverNanos,
                its.prediction.basis() == Prediction.Basis.LIVE ? its.prediction.overdueNanos() : ProbeTimes.ABSENT,
                its.overdue,
                nowNanos));
    }

    @Override
    public void quota(Attempt attempt, double left, long resetNanos, long nowNanos) {
        if (left < TOLD_BELOW) {
            observations.accept(new Observation.Quota(
                    surroundings.backends().get(attempt.backend()),
                    requestClass(attempt.request()),
                    left,
                    resetNanos,
                    nowNanos));
        }
    }

    @Override
    public void ended(Attempt attempt, int outputTokens, long nowNanos) {
        inFlight[attempt.backend()]--;
    }

    @Override
    public void failed(Attempt attempt, Failure failure, long nowNanos) {
        inFlight[attempt.backend()]--;
        waiting.remove(attempt);
        RequestClass requestClass = requestClass(attempt.request());
        var backend = surroundings.backends().get(attempt.backend());
        if (failure instanceof Failure.TooManyRequests throttled) {
            long hint = throttled.retryAfterNanos() < 0 ? ProbeTimes.ABSENT : throttled.retryAfterNanos();
            observations.accept(new Observation.Throttled(backend, requestClass, hint, nowNanos));
        } else {
            Strike strike = failure instanceof Failure.Refused
                    ? Strike.UNREACHABLE
                    : failure instanceof Failure.Timeout ? Strike.SILENT : Strike.FAILED;
            observations.accept(new Observation.Failed(backend, requestClass, strike, "failed", nowNanos));
        }
    }

    private Candidate candidate(Request request, int backend) {
        return table.candidates(facts(request), surroundings.random()).list().stream()
                .filter(candidate -> candidate.index() == backend)
                .findFirst()
                .orElseThrow();
    }

    @Override
    public double predictedNanos(Request request, int backend, long nowNanos) {
        return candidate(request, backend).prediction().medianNanos();
    }

    @Override
    public long firstByteTimeoutNanos(Attempt attempt) {
        Prediction prediction = waiting.get(attempt).prediction;
        if (prediction.basis() != Prediction.Basis.LIVE) {
            return Long.MAX_VALUE;
        }
        double patience = SILENCE_QUANTILES * prediction.quantileNanos(Prediction.P999);
        return Math.max(SHORTEST_SILENCE_NANOS, (long) patience);
    }

    @Override
    public long inFlight(int index) {
        return inFlight[index];
    }

    @Override
    public boolean warm(int index) {
        return true;
    }
}

package io.crowfly.bench.policies.policy;

import io.crowfly.balancer.attempt.RetryBudget;
import io.crowfly.balancer.routing.BackendLoad;
import io.crowfly.balancer.routing.Candidates;
import io.crowfly.balancer.routing.Candidates.Candidate;
import io.crowfly.balancer.routing.Chooser;
import io.crowfly.balancer.routing.HedgeRule;
import io.crowfly.balancer.routing.Planner;
import io.crowfly.balancer.routing.RequestFacts;
import io.crowfly.balancer.routing.RoutingTable;
import io.crowfly.balancer.routing.WaitLimit;
import io.crowfly.conf.Admin;
import io.crowfly.conf.Backend;
import io.crowfly.conf.BindAddress;
import io.crowfly.conf.Conf;
import io.crowfly.conf.Hedge;
import io.crowfly.conf.Limits;
import io.crowfly.conf.Objective;
import io.crowfly.conf.Routing;
import io.crowfly.conf.State;
import io.crowfly.conf.Timeouts;
import io.crowfly.probes.Observation;
import io.crowfly.probes.Observation.FailureKind;
import io.crowfly.probes.Probes;
import io.crowfly.probes.forecast.Api;
import io.crowfly.probes.forecast.Forecast;
import io.crowfly.probes.forecast.Prediction;
import io.crowfly.probes.forecast.ProbeTimes;
import io.crowfly.probes.forecast.RequestClass;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Crowfly's own policy in the policy simulator, for an edge with one event loop. It selects backends with the
 * balancer's classes {@link Probes}, {@link Planner} and {@link Chooser}. It replaces the balancer's exchanges: it
 * queries these classes and reports outcomes to them.
 */
final class CrowflyPolicy implements SelectionPolicy {

    /**
     * Share of a quota below which the remaining quota is reported to {@link Probes}. A copy of a constant in the
     * balancer, which must be changed with it.
     */
    private static final double QUOTA_REPORTED_BELOW = 0.2;

    private static final double HEDGE_BUDGET = 0.05;

    private final EdgeEnvironment environment;
    private final Routing routing;
    private final RetryBudget budget = new RetryBudget(1);
    private final Probes probes;
    private final Consumer<Observation> observations;
    private final Chooser chooser;
    private Planner planner;
    private final long[] inFlight;
    private final Map<SimulatedRequest, Selection> selections = new HashMap<>();
    private final Map<SimulatedAttempt, PendingAttempt> pending = new HashMap<>();

    /** Time of the first token of streams in progress, if the objective counts the other tokens. */
    private final Map<SimulatedAttempt, Long> streaming = new HashMap<>();

    private Loaded loaded;
    private RoutingTable table;

    /**
     * Conf in force.
     *
     * @param present number of each backend of the conf, by its place in the conf
     * @param inFlight requests in flight, by number of the backend
     */
    private record Loaded(List<Integer> present, long[] inFlight) implements BackendLoad {

        int number(Candidate candidate) {
            return present.get(candidate.index());
        }

        @Override
        public long inFlight(int index) {
            return inFlight[present.get(index)];
        }

        @Override
        public boolean hasIdleConnection(int index) {
            return true;
        }
    }

    /**
     * Candidates of one request, which stay the same for all its attempts, with their conf.
     *
     * @param nextPlace place of the candidate for the attempt after the present one, or {@link Chooser#NONE}
     */
    private record Selection(Loaded loaded, Candidates candidates, int nextPlace) {

        Selection withNextPlace(int place) {
            return new Selection(loaded, candidates, place);
        }
    }

    /** Attempt that has no first token yet. */
    private static final class PendingAttempt {
        private final Forecast forecast;
        private final Prediction prediction;
        private final long inFlight;
        private boolean overdue;

        PendingAttempt(Candidate candidate, long inFlight) {
            forecast = candidate.forecast();
            prediction = candidate.predictionAt(inFlight);
            this.inFlight = inFlight;
        }
    }

    CrowflyPolicy(EdgeEnvironment environment) {
        this(environment, Optional.empty());
    }

    private CrowflyPolicy(EdgeEnvironment environment, Optional<Hedge> hedge) {
        this.environment = environment;
        routing = environment.goal().routing(hedge);
        inFlight = new long[environment.count()];
        chooser = new Chooser(environment.random());
        loaded = new Loaded(IntStream.range(0, environment.count()).boxed().toList(), inFlight);
        planner = planner(loaded);
        probes = new Probes(
                environment.prober(),
                environment.scheduler(),
                environment.random(),
                ranking -> table = planner.plan(ranking),
                (backend, result) -> {});
        observations = probes.observer();
        probes.update(environment.backends());
        table = planner.plan(probes.ranking());
    }

    /** Creates the policy with hedges of at most {@link #HEDGE_BUDGET}. */
    static CrowflyPolicy hedged(EdgeEnvironment environment) {
        return new CrowflyPolicy(environment, Optional.of(new Hedge(HEDGE_BUDGET)));
    }

    private Planner planner(Loaded conf) {
        return new Planner(conf(backends(conf)), (backend, api) -> true, conf);
    }

    private List<Backend> backends(Loaded conf) {
        return conf.present().stream().map(environment.backends()::get).toList();
    }

    @Override
    public void backendsChanged(List<Integer> present) {
        loaded = new Loaded(present, inFlight);
        planner = planner(loaded);
        probes.update(backends(loaded));
        table = planner.plan(probes.ranking());
    }

    /**
     * Returns a conf with these backends and the settings of routing. The planner does not use the other values.
     */
    private Conf conf(List<Backend> backends) {
        Duration any = Duration.ofMinutes(1);
        return new Conf(
                "",
                List.of(),
                new Admin(new BindAddress.Tcp("127.0.0.1", 0), Set.of(), Optional.empty()),
                backends,
                routing,
                new Timeouts(any, any, any, any, any, any, any, any, any),
                new Limits(1, 1, 1, 1, 1, 1, 1, Map.of()),
                State.DEFAULT,
                Optional.empty(),
                false);
    }

    @Override
    public int choose(SimulatedRequest request, TriedBackends tried, long nowNanos) {
        Selection selection = selections.computeIfAbsent(
                request,
                key -> new Selection(loaded, table.candidates(facts(key), environment.random()), Chooser.NONE));
        Candidates candidates = selection.candidates();
        int[] triedPlaces = triedPlaces(selection, tried);
        if (tried.count() == 0) {
            budget.onRequest(0, nowNanos);
        }
        int place = tried.count() == 0
                ? chooser.chooseFirst(candidates, selection.loaded(), true)
                : chooser.chooseNext(candidates, triedPlaces, tried.count());
        if (place == Chooser.NONE) {
            selections.remove(request);
            return NONE;
        }
        triedPlaces[tried.count()] = place;
        selections.put(
                request, selection.withNextPlace(chooser.chooseNext(candidates, triedPlaces, triedPlaces.length)));
        return selection.loaded().number(candidates.list().get(place));
    }

    @Override
    public boolean explores() {
        return chooser.reason() == Chooser.Reason.EXPLORATION;
    }

    /** Returns the places of the tried backends, and space for one more place at the end. */
    private static int[] triedPlaces(Selection selection, TriedBackends tried) {
        int[] places = new int[tried.count() + 1];
        int count = 0;
        List<Candidate> list = selection.candidates().list();
        for (int place = 0; place < list.size() && count < tried.count(); place++) {
            if (tried.has(selection.loaded().number(list.get(place)))) {
                places[count++] = place;
            }
        }
        Arrays.fill(places, count, places.length, Chooser.NONE);
        return places;
    }

    private RequestFacts facts(SimulatedRequest request) {
        return new RequestFacts(
                requestClass(request), "/v1/chat/completions", (name, value) -> false, request.promptBytes());
    }

    private static RequestClass requestClass(SimulatedRequest request) {
        return new RequestClass(Api.CHAT_COMPLETIONS, request.model(), request.streamed());
    }

    @Override
    public void sent(SimulatedAttempt attempt) {
        inFlight[attempt.backend()]++;
        PendingAttempt pendingAttempt =
                new PendingAttempt(candidate(attempt.request(), attempt.backend()), inFlight[attempt.backend()]);
        pending.put(attempt, pendingAttempt);
        if (pendingAttempt.prediction.basis() == Prediction.Basis.LIVE) {
            environment.scheduler().schedule(pendingAttempt.prediction.overdueNanos(), () -> overdue(attempt));
        }
    }

    private void overdue(SimulatedAttempt attempt) {
        PendingAttempt pendingAttempt = pending.get(attempt);
        if (pendingAttempt != null) {
            boolean alreadyReported = pendingAttempt.overdue;
            pendingAttempt.overdue = true;
            long now = environment.scheduler().nanoTime();
            observations.accept(new Observation.Overdue(
                    environment.backends().get(attempt.backend()),
                    requestClass(attempt.request()),
                    attempt.request().promptBytes(),
                    pendingAttempt.inFlight,
                    now - attempt.sentNanos(),
                    alreadyReported,
                    now));
            environment.scheduler().schedule((now - attempt.sentNanos()) / 2, () -> overdue(attempt));
        }
    }

    @Override
    public void firstToken(SimulatedAttempt attempt, long serverNanos, long nowNanos) {
        selections.remove(attempt.request());
        if (attempt.request().streamed() && routing.objective() == Objective.COMPLETION) {
            streaming.put(attempt, nowNanos);
        }
        PendingAttempt pendingAttempt = pending.remove(attempt);
        observations.accept(new Observation.FirstToken(
                environment.backends().get(attempt.backend()),
                requestClass(attempt.request()),
                attempt.request().promptBytes(),
                pendingAttempt.inFlight,
                nowNanos - attempt.sentNanos(),
                serverNanos == NOT_REPORTED ? ProbeTimes.ABSENT : nowNanos - attempt.sentNanos() - serverNanos,
                pendingAttempt.prediction.basis() == Prediction.Basis.LIVE
                        ? pendingAttempt.prediction.overdueNanos()
                        : ProbeTimes.ABSENT,
                pendingAttempt.overdue,
                nowNanos));
    }

    @Override
    public void quotaReported(SimulatedAttempt attempt, double remainingShare, long resetNanos, long nowNanos) {
        if (remainingShare < QUOTA_REPORTED_BELOW) {
            observations.accept(new Observation.Quota(
                    environment.backends().get(attempt.backend()),
                    requestClass(attempt.request()),
                    remainingShare,
                    resetNanos,
                    nowNanos));
        }
    }

    @Override
    public void completed(SimulatedAttempt attempt, int outputTokens, long nowNanos) {
        inFlight[attempt.backend()]--;
        Long firstTokenNanos = streaming.remove(attempt);
        if (firstTokenNanos != null && outputTokens > 1) {
            observations.accept(new Observation.StreamCompleted(
                    environment.backends().get(attempt.backend()),
                    requestClass(attempt.request()),
                    outputTokens - 1,
                    nowNanos - firstTokenNanos,
                    nowNanos));
        }
    }

    @Override
    public void failed(SimulatedAttempt attempt, SimulatedFailure failure, long nowNanos) {
        inFlight[attempt.backend()]--;
        pending.remove(attempt);
        RequestClass requestClass = requestClass(attempt.request());
        var backend = environment.backends().get(attempt.backend());
        if (failure instanceof SimulatedFailure.TooManyRequests throttled) {
            long hint = throttled.retryAfterNanos() < 0 ? ProbeTimes.ABSENT : throttled.retryAfterNanos();
            observations.accept(new Observation.Throttled(backend, requestClass, hint, nowNanos));
        } else {
            FailureKind strike = failure instanceof SimulatedFailure.Refused
                    ? FailureKind.UNREACHABLE
                    : failure instanceof SimulatedFailure.Timeout ? FailureKind.TIMED_OUT : FailureKind.ERROR;
            observations.accept(new Observation.Failed(
                    backend, requestClass, strike, "failed", nowNanos - attempt.sentNanos(), nowNanos));
        }
    }

    @Override
    public void cancelled(SimulatedAttempt attempt, long nowNanos) {
        inFlight[attempt.backend()]--;
        pending.remove(attempt);
    }

    @Override
    public long hedgeDelayNanos(SimulatedAttempt attempt) {
        return routing.hedge().isPresent() ? HedgeRule.delayNanos(pending.get(attempt).prediction) : Long.MAX_VALUE;
    }

    @Override
    public int hedge(SimulatedAttempt slow, TriedBackends tried, long nowNanos) {
        double share = routing.hedge().orElseThrow().budget();
        long waited = nowNanos - slow.sentNanos();
        Selection selection = selections.get(slow.request());
        int place = HedgeRule.place(
                selection.candidates(),
                selection.loaded(),
                triedPlaces(selection, tried),
                tried.count(),
                waited,
                routing.tierTolerance().nanos());
        return place != Chooser.NONE && budget.tryHedge(0, share, nowNanos)
                ? selection.loaded().number(selection.candidates().list().get(place))
                : NONE;
    }

    private Candidate candidate(SimulatedRequest request, int backend) {
        return table.candidates(facts(request), environment.random()).list().stream()
                .filter(candidate -> loaded.number(candidate) == backend)
                .findFirst()
                .orElseThrow();
    }

    @Override
    public double predictedNanos(SimulatedRequest request, int backend, long nowNanos) {
        return candidate(request, backend).predictionAt(inFlight[backend] + 1).medianNanos();
    }

    @Override
    public long firstByteTimeoutNanos(SimulatedAttempt attempt) {
        Selection selection = selections.get(attempt.request());
        if (selection.nextPlace() == Chooser.NONE) {
            return Long.MAX_VALUE;
        }
        Candidate next = selection.candidates().list().get(selection.nextPlace());
        PendingAttempt pendingAttempt = pending.get(attempt);
        Prediction nextPrediction =
                next.forecast().predictionAtKnownLoad(selection.loaded().inFlight(next.index()) + 1);
        Prediction ordinary = pendingAttempt.forecast.ordinaryAtKnownLoad(pendingAttempt.inFlight);
        return Math.max(WaitLimit.MIN_NANOS, WaitLimit.nanos(pendingAttempt.prediction, ordinary, nextPrediction));
    }
}

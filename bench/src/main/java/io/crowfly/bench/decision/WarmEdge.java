package io.crowfly.bench.decision;

import io.crowfly.balancer.routing.BackendLoad;
import io.crowfly.balancer.routing.Planner;
import io.crowfly.balancer.routing.RequestFacts;
import io.crowfly.balancer.routing.RoutingTable;
import io.crowfly.bench.process.Logs;
import io.crowfly.conf.Admin;
import io.crowfly.conf.Backend;
import io.crowfly.conf.BackendFilter;
import io.crowfly.conf.BackendHeaders;
import io.crowfly.conf.BindAddress;
import io.crowfly.conf.Conf;
import io.crowfly.conf.Credential;
import io.crowfly.conf.Limits;
import io.crowfly.conf.Models;
import io.crowfly.conf.Probe;
import io.crowfly.conf.Provider;
import io.crowfly.conf.RequestCondition;
import io.crowfly.conf.Routing;
import io.crowfly.conf.Rule;
import io.crowfly.conf.State;
import io.crowfly.conf.Timeouts;
import io.crowfly.conf.value.Glob;
import io.crowfly.probes.Observation;
import io.crowfly.probes.ProbeResult;
import io.crowfly.probes.Probes;
import io.crowfly.probes.forecast.Api;
import io.crowfly.probes.forecast.ProbeTimes;
import io.crowfly.probes.forecast.RequestClass;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Set-up of {@code bench decision}: the balancer's probes and planner after a period of simulated traffic. Every
 * backend has had responses of every class, so all forecasts use live requests. Half of the backends are nearly equally
 * fast and share the requests.
 */
final class WarmEdge implements BackendLoad {

    /** Number of models. Each model has two classes, streamed and not streamed, so there are 20 classes. */
    private static final int MODELS = 10;

    /** Body lengths of the requests, in bytes. */
    private static final long[] PROMPT_BYTES = {1_000, 4_000, 16_000, 64_000};

    /** Number of responses of each class at each backend: enough for stable estimates. */
    private static final int RESPONSES_PER_CLASS = 16;

    /** Number of observations between two ticks. {@link Probes} accepts this many without dropping any. */
    private static final int MAX_BATCH = 2_000;

    /** Interval at which {@link Probes} processes observations. */
    static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final double FASTEST_NANOS = 300e6;

    /**
     * Share of the backends that belong to the fast group. The next two constants are the range of latencies in the
     * fast group and among the others, as a share of {@link #FASTEST_NANOS}.
     */
    private static final double FAST_SHARE = 0.5;

    private static final double FAST_SPREAD = 0.02;
    private static final double SLOW_SPREAD = 0.5;

    /** Tokens of a stream after the first, and the time of each. */
    private static final long TOKENS = 100;

    private static final long TOKEN_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /** Sigma of the log-normal noise of each response's time. */
    private static final double NOISE = 0.1;

    /** Number of plans after which the shares no longer change. */
    private static final int SETTLING_PLANS = 12;

    /** Time between two plans. A longer time would not change shares more, because the planner limits the step. */
    private static final long STEP_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final String ZONE_HEADER = "x-data-zone";

    final SplittableRandom random = new SplittableRandom(11);
    private final Planner planner;
    private final Conf conf;
    private final Consumer<Observation> observations;

    private final List<RequestClass> classes = newClasses().toList();
    private final VirtualTime time = new VirtualTime();
    private final List<Backend> backends;
    private final LongAdder[] inFlight;
    private final Probes probes;
    private RoutingTable table;

    /**
     * @param count number of backends
     * @param rules number of routing rules, 0 or 3; only the third rule matches, so that all three are evaluated for
     *     every request
     */
    WarmEdge(int count, int rules) {
        Logs.showOnlyWarnings();
        backends = IntStream.range(0, count).mapToObj(WarmEdge::backend).toList();
        inFlight = IntStream.range(0, count).mapToObj(i -> new LongAdder()).toArray(LongAdder[]::new);
        for (int i = 0; i < count; i++) {
            inFlight[i].add(1 + i % 4);
        }
        conf = conf(rules);
        planner = newPlanner();
        probes = new Probes(
                (backend, whenDone) -> whenDone.accept(new ProbeResult.Success(
                        new ProbeTimes(ProbeTimes.ABSENT, ProbeTimes.ABSENT, TimeUnit.MILLISECONDS.toNanos(20)))),
                time,
                random,
                ranking -> {},
                (backend, result) -> {});
        observations = probes.observer();
        probes.update(backends);
        recordResponses();
        table = planner.plan(probes.ranking());
        for (int i = 0; i < SETTLING_PLANS; i++) {
            time.advance(STEP_NANOS);
            table = planner.plan(probes.ranking());
        }
    }

    private Planner newPlanner() {
        return new Planner(conf, (backend, api) -> true, this);
    }

    private static Backend backend(int index) {
        // Each backend is probed only once, so that the benchmark measures only the work for live requests.
        Probe probe = new Probe(
                Duration.ofDays(1), Duration.ofSeconds(1), 1, 3, new Probe.Kind.Http("/health", Set.of(200), true));
        return new Backend(
                "backend-" + index,
                new Provider.OpenAi(),
                URI.create("https://backend-" + index + ".example"),
                "westeurope",
                1,
                Map.of("zone", "eu"),
                new Credential.None(),
                Models.ALL,
                probe,
                Optional.empty(),
                BackendHeaders.NONE);
    }

    private Conf conf(int rules) {
        List<Rule> allRules = List.of(
                rule(
                        "realtime",
                        new RequestCondition(Optional.of(new Glob("/v1/realtime*")), Optional.empty(), Map.of())),
                rule("reasoning", new RequestCondition(Optional.empty(), Optional.of(new Glob("o*-pro")), Map.of())),
                rule(
                        "zone",
                        new RequestCondition(Optional.empty(), Optional.empty(), Map.of(ZONE_HEADER, new Glob("eu")))));
        Routing defaults = Routing.DEFAULT;
        Routing routing = new Routing(
                defaults.policy(),
                defaults.objective(),
                defaults.tolerance(),
                defaults.tierTolerance(),
                allRules.subList(0, rules),
                defaults.retry(),
                defaults.exploration(),
                defaults.panic(),
                defaults.hedge(),
                defaults.unknownModels(),
                defaults.weights());
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

    private static Rule rule(String name, RequestCondition when) {
        return new Rule(
                name, when, new BackendFilter(Optional.empty(), Optional.empty(), Map.of("zone", "eu"), Set.of()), 1);
    }

    private void recordResponses() {
        int sent = 0;
        for (int round = 0; round < RESPONSES_PER_CLASS; round++) {
            long bytes = PROMPT_BYTES[round % PROMPT_BYTES.length];
            for (RequestClass requestClass : classes) {
                for (int i = 0; i < backends.size(); i++) {
                    recordResponse(i, requestClass, bytes);
                    if (++sent % MAX_BATCH == 0) {
                        time.advance(TICK_NANOS);
                    }
                }
            }
            time.advance(TICK_NANOS);
        }
    }

    private void recordResponse(int index, RequestClass requestClass, long bytes) {
        observations.accept(new Observation.FirstToken(
                backends.get(index),
                requestClass,
                bytes,
                inFlight(index),
                (long) (medianNanos(index) * Math.exp(NOISE * random.nextGaussian())),
                ProbeTimes.ABSENT,
                ProbeTimes.ABSENT,
                false,
                time.nanoTime()));
    }

    private double medianNanos(int index) {
        double place = (double) index / backends.size();
        return FASTEST_NANOS * (1 + (place < FAST_SHARE ? FAST_SPREAD * place : SLOW_SPREAD * place));
    }

    private static Stream<RequestClass> newClasses() {
        return IntStream.range(0, MODELS).mapToObj(i -> "gpt-4o-" + i).flatMap(model -> Stream.of(true, false)
                .map(streamed -> new RequestClass(Api.CHAT_COMPLETIONS, model, streamed)));
    }

    /**
     * Returns requests of random classes and sizes, so that the processor's branch predictor can't learn their order.
     */
    RequestFacts[] requests(int count) {
        List<RequestFacts> facts = new ArrayList<>();
        List<RequestClass> requested =
                newClasses().toList(); // new strings: the model name of a request is never the table's string
        for (int i = 0; i < count; i++) {
            RequestClass requestClass = requested.get(random.nextInt(requested.size()));
            facts.add(new RequestFacts(
                    requestClass,
                    "/v1/chat/completions?api-version=1",
                    (name, value) -> name.equals(ZONE_HEADER) && value.matches("eu"),
                    PROMPT_BYTES[random.nextInt(PROMPT_BYTES.length)]));
        }
        return facts.toArray(RequestFacts[]::new);
    }

    /** Returns requests like {@link #requests}, but for models without observations. */
    RequestFacts[] unseenRequests(int count) {
        RequestFacts[] facts = requests(count);
        for (int i = 0; i < count; i++) {
            RequestFacts original = facts[i];
            facts[i] = new RequestFacts(
                    new RequestClass(Api.CHAT_COMPLETIONS, "made-up-" + i, true),
                    original.target(),
                    original.headers(),
                    original.bodyBytes());
        }
        return facts;
    }

    RoutingTable table() {
        return table;
    }

    /**
     * Records responses of random classes and sizes at random backends of the fast group, and the ends of their
     * streams.
     */
    void respond(int count) {
        for (int i = 0; i < count; i++) {
            RequestClass requestClass = classes.get(random.nextInt(classes.size()));
            int index = random.nextInt((int) (FAST_SHARE * backends.size()));
            recordResponse(index, requestClass, PROMPT_BYTES[random.nextInt(PROMPT_BYTES.length)]);
            observations.accept(new Observation.StreamCompleted(
                    backends.get(index), requestClass, TOKENS, TOKENS * TOKEN_NANOS, time.nanoTime()));
        }
    }

    /** Advances the time by one tick, which computes a new ranking, and returns the table of that ranking. */
    RoutingTable tick() {
        time.advance(TICK_NANOS);
        table = planner.plan(probes.ranking());
        return table;
    }

    /** Computes a table by a new planner, which has no plan to use again. */
    RoutingTable firstTable() {
        return newPlanner().plan(probes.ranking());
    }

    @Override
    public long inFlight(int index) {
        return inFlight[index].sum();
    }

    @Override
    public boolean hasIdleConnection(int index) {
        return index % 2 == 0;
    }
}

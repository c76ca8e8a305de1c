package io.crowfly.probes;

import static io.crowfly.probes.Backends.backend;
import static io.crowfly.probes.Backends.with;
import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.conf.Backend;
import io.crowfly.conf.Credential;
import io.crowfly.conf.Secret;
import io.crowfly.probes.Observation.Strike;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever probes and requests find, in whatever order: what is published stays sane, and bad news are bad. */
class EstimatesPropertyTest {

    private static final Duration TICK = Duration.ofMillis(50);

    private static final List<Backend> BACKENDS =
            List.of(backend("a"), with(backend("b"), new Credential.ApiKey(new Secret("k"))), backend("c"));

    private static final List<RequestClass> CLASSES = List.of(
            new RequestClass(Api.CHAT_COMPLETIONS, "gpt-4o", true),
            new RequestClass(Api.CHAT_COMPLETIONS, "gpt-4o", false),
            new RequestClass(Api.EMBEDDINGS, "", false));

    /** What happens, from a seed: so that the same can be made to happen in two worlds. */
    record Event(long seed, Backend backend, RequestClass requestClass) {

        void happen(FakeWorld world) {
            Random random = new Random(seed);
            world.timeline.advance(Duration.ofMillis(random.nextInt(50) == 0 ? 60_000 : random.nextInt(300)));
            long now = world.timeline.nanoTime();
            long bytes = random.nextInt(4) == 0 ? 0 : (long) Math.exp(16 * random.nextDouble());
            long inFlight = 1 + (long) Math.exp(8 * random.nextDouble());
            long time = anyTime(random);
            switch (random.nextInt(9)) {
                case 0, 1, 2 ->
                    world.observer.accept(new Observation.FirstToken(
                            backend,
                            requestClass,
                            bytes,
                            inFlight,
                            time,
                            random.nextBoolean() ? ProbeTimes.ABSENT : anyTime(random),
                            random.nextBoolean() ? ProbeTimes.ABSENT : anyTime(random),
                            random.nextInt(4) == 0,
                            now));
                case 3 ->
                    world.observer.accept(
                            new Observation.Overdue(backend, requestClass, bytes, inFlight, time, now % 2 == 0, now));
                case 4 ->
                    world.observer.accept(
                            new Observation.Streamed(backend, requestClass, 1 + random.nextInt(10_000), time, now));
                case 5 -> fail(world, Strike.values()[random.nextInt(Strike.values().length)]);
                case 6 ->
                    world.observer.accept(new Observation.Throttled(
                            backend, requestClass, random.nextBoolean() ? ProbeTimes.ABSENT : time, now));
                case 7 ->
                    world.observer.accept(
                            new Observation.Quota(backend, requestClass, random.nextDouble() / 10, time, now));
                default ->
                    world.prober.answers(
                            backend.name(),
                            random.nextInt(3) == 0
                                    ? new ProbeResult.Failure("why")
                                    : new ProbeResult.Success(
                                            new ProbeTimes(anyTime(random), ProbeTimes.ABSENT, anyTime(random))));
            }
        }

        void fail(FakeWorld world, Strike strike) {
            world.observer.accept(
                    new Observation.Failed(backend, requestClass, strike, "why", world.timeline.nanoTime()));
        }

        /** From a microsecond to an hour. */
        private static long anyTime(Random random) {
            return (long) (1e3 * Math.exp(22 * random.nextDouble()));
        }
    }

    @Property(seed = "1", tries = 300, edgeCases = EdgeCasesMode.NONE)
    void predictionsArePositiveNumbers(@ForAll("lives") List<Event> events) {
        FakeWorld world = new FakeWorld();
        world.probes.update(BACKENDS);
        for (Event event : events) {
            event.happen(world);
        }
        world.timeline.advance(Duration.ofSeconds(1));
        Ranking ranking = world.probes.ranking();
        assertThat(ranking.standings()).hasSize(BACKENDS.size());
        for (Standing standing : ranking.standings()) {
            assertThat(standing.failureShare()).isBetween(0.0, 1.0);
            for (RequestClass requestClass : CLASSES) {
                assertSane(standing.outlook(requestClass));
                ClassOutlook its = ranking.classes().get(requestClass);
                if (its != null) {
                    assertThat(its.tokens()).isFinite().isNotNegative();
                    for (double effect : its.sizeEffects()) {
                        assertSane(standing.outlook(requestClass).atSize(effect));
                    }
                }
            }
        }
    }

    private static void assertSane(Outlook outlook) {
        Prediction prediction = outlook.prediction();
        assertThat(prediction.networkNanos()).isNotNegative();
        assertThat(prediction.logService()).isFinite();
        assertThat(prediction.spread()).isFinite().isPositive();
        assertThat(prediction.uncertainty()).isFinite().isPositive();
        assertThat(prediction.medianNanos()).isPositive();
        assertThat(prediction.meanNanos()).isGreaterThanOrEqualTo(prediction.medianNanos());
        assertThat(prediction.quantileNanos(Prediction.P95)).isGreaterThanOrEqualTo(prediction.medianNanos());
        assertThat(prediction.quantileNanos(Prediction.P999))
                .isGreaterThanOrEqualTo(prediction.quantileNanos(Prediction.P95));
        assertThat(prediction.overdueNanos()).isGreaterThanOrEqualTo(prediction.medianNanos());
        assertThat(prediction.tokenNanos()).isGreaterThanOrEqualTo(ProbeTimes.ABSENT);
        assertThat(outlook.ordinaryNanos()).isFinite().isPositive();
        assertThat(outlook.hopedNanos()).isPositive();
        assertThat(outlook.room()).isFinite().isGreaterThanOrEqualTo(Room.LEAST);
        assertThat(outlook.usualLoad()).isFinite().isPositive();
    }

    @Property(seed = "1", tries = 300, edgeCases = EdgeCasesMode.NONE)
    void aFailureNeverRaisesABackendsPlace(@ForAll("lives") List<Event> events, @ForAll Strike strike) {
        FakeWorld world = new FakeWorld();
        FakeWorld worse = new FakeWorld();
        world.probes.update(BACKENDS);
        worse.probes.update(BACKENDS);
        for (Event event : events) {
            event.happen(world);
            event.happen(worse);
        }
        world.timeline.advance(TICK);
        worse.timeline.advance(TICK);
        Event last = events.get(events.size() - 1);
        String name = last.backend().name();
        last.fail(worse, strike);
        worse.timeline.settle();
        new Event(0, backend("gone"), last.requestClass()).fail(world, strike); // says nothing, as of the same moment
        world.timeline.settle();
        assertThat(worse.names().indexOf(name))
                .isGreaterThanOrEqualTo(world.names().indexOf(name));
        assertThat(worse.standing(name).health())
                .isGreaterThanOrEqualTo(world.standing(name).health());
        assertThat(worse.standing(name).failureShare())
                .isGreaterThanOrEqualTo(world.standing(name).failureShare());
        assertThat(worse.standing(name).parked().keySet())
                .containsAll(world.standing(name).parked().keySet());
    }

    /** An answer that took longer, all else being the same, never makes a backend look better for its class. */
    @Property(seed = "1", tries = 300, edgeCases = EdgeCasesMode.NONE)
    void aSlowerAnswerNeverMakesABackendLookFaster(
            @ForAll("lives") List<Event> events, @ForAll("times") long time, @ForAll("times") long more) {
        FakeWorld world = new FakeWorld();
        FakeWorld worse = new FakeWorld();
        world.probes.update(BACKENDS);
        worse.probes.update(BACKENDS);
        for (Event event : events) {
            event.happen(world);
            event.happen(worse);
        }
        Event last = events.get(events.size() - 1);
        Observations found = new Observations(world.timeline, last.requestClass());
        world.observer.accept(found.answer(last.backend(), time));
        worse.observer.accept(found.answer(last.backend(), time + more));
        world.timeline.advance(TICK);
        worse.timeline.advance(TICK);
        assertThat(level(worse, last)).isGreaterThanOrEqualTo(level(world, last) - 1e-9);
    }

    private static double level(FakeWorld world, Event event) {
        return world.standing(event.backend().name())
                .outlook(event.requestClass())
                .prediction()
                .logService();
    }

    /** In milliseconds. */
    @Provide
    Arbitrary<Long> times() {
        return Arbitraries.longs().between(0, 60_000);
    }

    @Provide
    Arbitrary<List<Event>> lives() {
        return Arbitraries.randomValue(random -> {
            List<Event> events = new ArrayList<>();
            int count = 1 + random.nextInt(80);
            for (int i = 0; i < count; i++) {
                events.add(new Event(
                        random.nextLong(),
                        BACKENDS.get(random.nextInt(BACKENDS.size())),
                        CLASSES.get(random.nextInt(CLASSES.size()))));
            }
            return events;
        });
    }
}

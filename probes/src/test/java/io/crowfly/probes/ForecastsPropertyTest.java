package io.crowfly.probes;

import static io.crowfly.probes.TestBackends.backend;
import static io.crowfly.probes.TestBackends.with;
import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.conf.Backend;
import io.crowfly.conf.Credential;
import io.crowfly.conf.value.Secret;
import io.crowfly.probes.Observation.FailureKind;
import io.crowfly.probes.forecast.Api;
import io.crowfly.probes.forecast.ClassForecast;
import io.crowfly.probes.forecast.Forecast;
import io.crowfly.probes.forecast.Prediction;
import io.crowfly.probes.forecast.ProbeTimes;
import io.crowfly.probes.forecast.RequestClass;
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

/** Properties for any observations in any order: published figures are valid, and failures never improve a backend. */
class ForecastsPropertyTest {

    private static final Duration TICK = Duration.ofMillis(50);

    private static final List<Backend> BACKENDS =
            List.of(backend("a"), with(backend("b"), new Credential.ApiKey(new Secret("k"))), backend("c"));

    private static final List<RequestClass> CLASSES = List.of(
            new RequestClass(Api.CHAT_COMPLETIONS, "gpt-4o", true),
            new RequestClass(Api.CHAT_COMPLETIONS, "gpt-4o", false),
            new RequestClass(Api.EMBEDDINGS, "", false));

    /** One event, derived from a seed so that two fixtures can have the same history. */
    record Event(long seed, Backend backend, RequestClass requestClass) {

        void apply(ProbesFixture fixture) {
            Random random = new Random(seed);
            fixture.scheduler.advance(Duration.ofMillis(random.nextInt(50) == 0 ? 60_000 : random.nextInt(300)));
            long now = fixture.scheduler.nanoTime();
            long bytes = random.nextInt(4) == 0 ? 0 : (long) Math.exp(16 * random.nextDouble());
            long inFlight = 1 + (long) Math.exp(8 * random.nextDouble());
            long time = anyTime(random);
            switch (random.nextInt(9)) {
                case 0, 1, 2 ->
                    fixture.observer.accept(new Observation.FirstToken(
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
                    fixture.observer.accept(
                            new Observation.Overdue(backend, requestClass, bytes, inFlight, time, now % 2 == 0, now));
                case 4 ->
                    fixture.observer.accept(new Observation.StreamCompleted(
                            backend, requestClass, 1 + random.nextInt(10_000), time, now));
                case 5 -> fail(fixture, FailureKind.values()[random.nextInt(FailureKind.values().length)]);
                case 6 ->
                    fixture.observer.accept(new Observation.Throttled(
                            backend, requestClass, random.nextBoolean() ? ProbeTimes.ABSENT : time, now));
                case 7 ->
                    fixture.observer.accept(
                            new Observation.Quota(backend, requestClass, random.nextDouble() / 10, time, now));
                default ->
                    fixture.prober.respondsWith(
                            backend.name(),
                            random.nextInt(3) == 0
                                    ? new ProbeResult.Failure("why")
                                    : new ProbeResult.Success(
                                            new ProbeTimes(anyTime(random), ProbeTimes.ABSENT, anyTime(random))));
            }
        }

        void fail(ProbesFixture fixture, FailureKind kind) {
            fixture.observer.accept(
                    new Observation.Failed(backend, requestClass, kind, "why", 0, fixture.scheduler.nanoTime()));
        }

        /** Returns a time from a microsecond to an hour. */
        private static long anyTime(Random random) {
            return (long) (1e3 * Math.exp(22 * random.nextDouble()));
        }
    }

    @Property(seed = "1", tries = 300, edgeCases = EdgeCasesMode.NONE)
    void publishedFiguresAreValid(@ForAll("histories") List<Event> events) {
        ProbesFixture fixture = new ProbesFixture();
        fixture.probes.update(BACKENDS);
        for (Event event : events) {
            event.apply(fixture);
        }
        fixture.scheduler.advance(Duration.ofSeconds(1));
        Ranking ranking = fixture.probes.ranking();
        assertThat(ranking.snapshots()).hasSize(BACKENDS.size());
        for (BackendSnapshot snapshot : ranking.snapshots()) {
            assertThat(snapshot.failureShare()).isBetween(0.0, 1.0);
            for (RequestClass requestClass : CLASSES) {
                assertValid(snapshot.forecast(requestClass));
                ClassForecast classForecast = ranking.classes().get(requestClass);
                if (classForecast != null) {
                    assertThat(classForecast.expectedTokens()).isFinite().isNotNegative();
                    for (double effect : classForecast.sizeEffects()) {
                        assertValid(snapshot.forecast(requestClass).atSize(effect));
                    }
                }
            }
        }
    }

    private static void assertValid(Forecast forecast) {
        Prediction prediction = forecast.prediction();
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
        assertThat(forecast.ordinaryNanos()).isFinite().isPositive();
        assertThat(forecast.optimisticNanos()).isPositive();
        assertThat(forecast.loadCurve().knownInFlight()).isFinite().isPositive();
        for (long inFlight = 1; inFlight < 1_000_000; inFlight *= 3) {
            assertThat(forecast.loadCurve().factor(inFlight)).isFinite().isPositive();
            assertThat(forecast.predictionAt(inFlight).medianNanos()).isPositive();
        }
    }

    @Property(seed = "1", tries = 300, edgeCases = EdgeCasesMode.NONE)
    void aFailureNeverImprovesABackendsRank(@ForAll("histories") List<Event> events, @ForAll FailureKind kind) {
        ProbesFixture fixture = new ProbesFixture();
        ProbesFixture worse = new ProbesFixture();
        fixture.probes.update(BACKENDS);
        worse.probes.update(BACKENDS);
        for (Event event : events) {
            event.apply(fixture);
            event.apply(worse);
        }
        fixture.scheduler.advance(TICK);
        worse.scheduler.advance(TICK);
        Event last = events.get(events.size() - 1);
        String name = last.backend().name();
        last.fail(worse, kind);
        worse.scheduler.settle();
        new Event(0, backend("gone"), last.requestClass()).fail(fixture, kind); // only to publish at the same time
        fixture.scheduler.settle();
        assertThat(worse.names().indexOf(name))
                .isGreaterThanOrEqualTo(fixture.names().indexOf(name));
        assertThat(worse.snapshot(name).health())
                .isGreaterThanOrEqualTo(fixture.snapshot(name).health());
        assertThat(worse.snapshot(name).failureShare())
                .isGreaterThanOrEqualTo(fixture.snapshot(name).failureShare());
        assertThat(worse.snapshot(name).parked().keySet())
                .containsAll(fixture.snapshot(name).parked().keySet());
    }

    /**
     * With the same history, a slower response never lowers the predicted latency. The service time alone may fall: a
     * fast response lowers the network part, and so raises the service time of responses that are recorded later.
     */
    @Property(seed = "1", tries = 300, edgeCases = EdgeCasesMode.NONE)
    void aSlowerResponseNeverLowersTheLatency(
            @ForAll("histories") List<Event> events, @ForAll("times") long time, @ForAll("times") long more) {
        ProbesFixture fixture = new ProbesFixture();
        ProbesFixture worse = new ProbesFixture();
        fixture.probes.update(BACKENDS);
        worse.probes.update(BACKENDS);
        for (Event event : events) {
            event.apply(fixture);
            event.apply(worse);
        }
        Event last = events.get(events.size() - 1);
        ObservationFactory observations = new ObservationFactory(fixture.scheduler, last.requestClass());
        fixture.observer.accept(observations.firstToken(last.backend(), time));
        worse.observer.accept(observations.firstToken(last.backend(), time + more));
        fixture.scheduler.advance(TICK);
        worse.scheduler.advance(TICK);
        assertThat(median(worse, last)).isGreaterThanOrEqualTo(median(fixture, last) - 1);
    }

    private static long median(ProbesFixture fixture, Event event) {
        return fixture.snapshot(event.backend().name())
                .forecast(event.requestClass())
                .prediction()
                .medianNanos();
    }

    /** Times in milliseconds. */
    @Provide
    Arbitrary<Long> times() {
        return Arbitraries.longs().between(0, 60_000);
    }

    @Provide
    Arbitrary<List<Event>> histories() {
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

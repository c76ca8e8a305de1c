package io.crowfly.probes;

import static io.crowfly.probes.Backends.backend;
import static io.crowfly.probes.Backends.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.crowfly.conf.Backend;
import io.crowfly.conf.Probe;
import io.crowfly.probes.Prediction.Basis;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is expected of each backend for each class of requests, from probes and from live requests. */
class OutlooksTest {

    private static final Duration TICK = Duration.ofMillis(50);

    /** Probes answer after 10 ms: the network's part. */
    private final Backend a = backend("a");

    private final Backend b = backend("b");
    private final FakeWorld world = new FakeWorld();
    private final FakeTimeline timeline = world.timeline;
    private final Observations gpt = of("gpt-4o");
    private final Observations mini = of("gpt-4o-mini");

    private Observations of(String model) {
        return new Observations(timeline, new RequestClass(Api.CHAT_COMPLETIONS, model, true));
    }

    @BeforeEach
    void areProbed() {
        world.prober.firstByte("a", 10);
        world.prober.firstByte("b", 10);
        world.update(a, b);
        timeline.settle();
    }

    @AfterEach
    void close() {
        world.probes.close();
    }

    private void answers(Observations of, Backend backend, int count, long millis) {
        for (int i = 0; i < count; i++) {
            world.observer.accept(of.answer(backend, millis));
            timeline.advance(TICK);
        }
    }

    private Outlook outlook(String backend, Observations of) {
        return world.standing(backend).outlook(of.requestClass());
    }

    private static long millis(long millis) {
        return Duration.ofMillis(millis).toNanos();
    }

    @Test
    void knowsLittleBeforeTheFirstRequest() {
        Prediction prediction = outlook("a", gpt).prediction();
        assertThat(prediction.basis()).isEqualTo(Basis.GUESS);
        assertThat(prediction.networkNanos()).isCloseTo(millis(10), withinPercentage(1));
        assertThat(prediction.medianNanos()).isBetween(millis(100), millis(1000));
        assertThat(prediction.uncertainty()).isGreaterThanOrEqualTo(1);
        assertThat(outlook("a", gpt).observedAtNanos()).isEqualTo(Long.MIN_VALUE);
    }

    @Test
    void learnsFromLiveRequestsAndTellsNetworkFromService() {
        answers(gpt, a, 50, 110);
        Prediction prediction = outlook("a", gpt).prediction();
        assertThat(prediction.basis()).isEqualTo(Basis.LIVE);
        assertThat(prediction.medianNanos()).isCloseTo(millis(110), withinPercentage(2));
        assertThat(Math.exp(prediction.logService())).isCloseTo(millis(100), withinPercentage(2));
        assertThat(world.standing("a").latencyNanos()).isEqualTo(prediction.medianNanos());
    }

    @Test
    void aRouteThatGotLongerIsInThePredictionBeforeTheNextRequest() {
        answers(gpt, a, 50, 110);
        world.prober.firstByte("a", 60);
        timeline.advance(Duration.ofSeconds(4));
        assertThat(outlook("a", gpt).prediction().medianNanos()).isCloseTo(millis(160), withinPercentage(5));
    }

    @Test
    void guessesAClassThatIsNewAtABackendByWhatItTakesElsewhere() {
        answers(gpt, a, 50, 110);
        Prediction guess = outlook("b", gpt).prediction();
        assertThat(guess.basis()).isEqualTo(Basis.PROBES);
        assertThat(guess.medianNanos()).isCloseTo(millis(110), withinPercentage(2));
        assertThat(guess.uncertainty())
                .isGreaterThan(2 * outlook("a", gpt).prediction().uncertainty());
    }

    @Test
    void guessesByHowTheBackendComparesInOtherClassesWithLessDoubt() {
        answers(gpt, a, 50, 110);
        double byOtherBackends = outlook("b", gpt).prediction().uncertainty();
        answers(mini, a, 50, 60);
        answers(mini, b, 50, 110); // twice the service time
        Prediction guess = outlook("b", gpt).prediction();
        assertThat(Math.exp(guess.logService())).isCloseTo(millis(200), withinPercentage(10));
        assertThat(guess.uncertainty()).isLessThan(byOtherBackends);
    }

    @Test
    void hopesThatASlowBackendIsAgainAsItOrdinarilyIs() {
        answers(gpt, a, 400, 110);
        answers(gpt, a, 50, 410);
        assertThat(outlook("a", gpt).prediction().medianNanos()).isCloseTo(millis(410), withinPercentage(5));
        assertThat(outlook("a", gpt).hopedNanos()).isCloseTo(millis(110), withinPercentage(15));
        assertThat(outlook("a", gpt).ordinaryNanos()).isCloseTo(millis(110), withinPercentage(15));
    }

    @Test
    void aRequestThatIsOverdueIsNewsBeforeItsAnswerIsIn() {
        answers(gpt, a, 50, 110);
        long before = outlook("a", gpt).prediction().medianNanos();
        for (int i = 0; i < 5; i++) {
            world.observer.accept(gpt.overdue(a, 300));
        }
        timeline.advance(TICK);
        assertThat(outlook("a", gpt).prediction().medianNanos()).isGreaterThan(2 * before);
    }

    @Test
    void aFastAnswerCountsOnlyWhenASlowOneWouldHaveBeenOverdue() {
        world.observer.accept(gpt.answerBefore(a, 100, 400));
        timeline.advance(Duration.ofMillis(250));
        assertThat(outlook("a", gpt).prediction().basis()).isEqualTo(Basis.GUESS);
        timeline.advance(Duration.ofMillis(50));
        assertThat(outlook("a", gpt).prediction().basis()).isEqualTo(Basis.LIVE);
    }

    @Test
    void takesTheServersWordForHowMuchOfAnAnswerWasNetwork() {
        for (int i = 0; i < 400; i++) {
            world.observer.accept(gpt.answer(a, 110, 70));
            timeline.advance(TICK);
        }
        Prediction prediction = outlook("a", gpt).prediction();
        assertThat(prediction.networkNanos()).isCloseTo(millis(40), withinPercentage(2));
        assertThat(prediction.medianNanos()).isCloseTo(millis(110), withinPercentage(5));
    }

    @Test
    void learnsTheTimeBetweenTokensAndHowManyThereAre() {
        answers(gpt, a, 1, 110);
        assertThat(outlook("a", gpt).prediction().tokenNanos()).isEqualTo(ProbeTimes.ABSENT);
        world.observer.accept(gpt.streamed(a, 100, 2000));
        timeline.advance(TICK);
        assertThat(outlook("a", gpt).prediction().tokenNanos()).isEqualTo(millis(20));
        assertThat(world.probes.ranking().classes().get(gpt.requestClass()).tokens())
                .isEqualTo(100);
    }

    @Test
    void isSureOfWhatItHasSeenOftenAndLessAfterAWhile() {
        answers(gpt, a, 5, 110);
        double early = outlook("a", gpt).prediction().uncertainty();
        answers(gpt, a, 100, 110);
        double often = outlook("a", gpt).prediction().uncertainty();
        assertThat(often).isLessThan(early);
        timeline.advance(Duration.ofMinutes(5));
        assertThat(outlook("a", gpt).prediction().uncertainty()).isGreaterThan(2 * often);
    }

    @Test
    void anInferenceProbeTeachesItsModelsClass() {
        world.prober.firstByte("a", 300);
        world.update(with(a, Backends.probe(new Probe.Kind.Inference("gpt-4o", true))), b);
        timeline.settle();
        Prediction prediction = outlook("a", gpt).prediction();
        assertThat(prediction.basis()).isEqualTo(Basis.LIVE);
        assertThat(prediction.networkNanos()).isZero();
        assertThat(prediction.medianNanos()).isCloseTo(millis(300), withinPercentage(1));
    }

    @Test
    void forgetsLiveLatenciesWhenAnotherKindOfProbeTellsNetworkFromService() {
        answers(gpt, a, 50, 110);
        world.update(with(a, Backends.probe(new Probe.Kind.Tcp())), b);
        assertThat(outlook("a", gpt).prediction().basis()).isEqualTo(Basis.GUESS);
    }

    @Test
    void roomIsWhatIsUsualAndLessWhereAnswersAreSlow() {
        for (int i = 0; i < 2000; i++) {
            world.observer.accept(busy(110));
            timeline.advance(Duration.ofMillis(10));
        }
        assertThat(outlook("a", gpt).room()).isCloseTo(60, withinPercentage(10));
        assertThat(outlook("a", gpt).usualLoad()).isCloseTo(40, withinPercentage(5));
        for (int i = 0; i < 50; i++) {
            world.observer.accept(busy(410));
            timeline.advance(Duration.ofMillis(10));
        }
        assertThat(outlook("a", gpt).room()).isLessThan(30);
    }

    private Observation busy(long millis) {
        return new Observation.FirstToken(
                a,
                gpt.requestClass(),
                Observations.BYTES,
                40,
                millis(millis),
                ProbeTimes.ABSENT,
                ProbeTimes.ABSENT,
                false,
                timeline.nanoTime());
    }
}

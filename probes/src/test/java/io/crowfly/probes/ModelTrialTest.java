package io.crowfly.probes;

import static io.crowfly.probes.Observation.FailureKind.TIMED_OUT;
import static io.crowfly.probes.TestBackends.backend;
import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.conf.Backend;
import io.crowfly.probes.ModelHealth.Cause;
import io.crowfly.probes.forecast.Api;
import io.crowfly.probes.forecast.RequestClass;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Return of a model that was ejected because it did not respond: few requests until its first response. */
class ModelTrialTest {

    private static final Duration TICK = Duration.ofMillis(50);
    private static final long SECOND = 1_000_000_000L;

    /** Above the longest first ejection, with its jitter. */
    private static final Duration AFTER_FIRST_EJECTION = Duration.ofMillis(1350);

    private final Backend a = backend("a");
    private final ProbesFixture fixture = new ProbesFixture();
    private final FakeScheduler scheduler = fixture.scheduler;
    private final ObservationFactory gpt =
            new ObservationFactory(scheduler, new RequestClass(Api.CHAT_COMPLETIONS, "gpt", true));

    @BeforeEach
    void returnsAfterSilence() {
        fixture.prober.firstByte("a", 10);
        fixture.update(a);
        scheduler.settle();
        respond(5);
        beOverdue();
        assertThat(ejection()).isEmpty();
        timeOut(3);
        scheduler.advance(AFTER_FIRST_EJECTION);
        assertThat(ejection()).isEmpty();
    }

    @AfterEach
    void close() {
        fixture.probes.close();
    }

    private void respond(int times) {
        for (int i = 0; i < times; i++) {
            fixture.observer.accept(gpt.firstToken(a, 100));
        }
        scheduler.advance(TICK);
    }

    private void beOverdue() {
        fixture.observer.accept(gpt.overdue(a, 400));
        scheduler.advance(TICK);
    }

    private void timeOut(int times) {
        for (int i = 0; i < times; i++) {
            fixture.observer.accept(gpt.failed(a, TIMED_OUT));
        }
        scheduler.settle();
    }

    private Optional<ModelHealth.Ejected> ejection() {
        return fixture.snapshot("a").model("gpt").ejection();
    }

    private long nanosSinceReturn() {
        return scheduler.nanoTime()
                - fixture.snapshot("a").forecast(gpt.requestClass()).returnedAtNanos();
    }

    @Test
    void anOverdueRequestKeepsOthersAwayUntilTheModelResponds() {
        beOverdue();
        assertThat(ejection()).get().extracting(ModelHealth.Ejected::cause).isEqualTo(Cause.TIMED_OUT);
        respond(1);
        assertThat(ejection()).isEmpty();
        beOverdue();
        assertThat(ejection()).isEmpty();
    }

    @Test
    void aRequestThatTimesOutEjectsTheModelAgainForLonger() {
        beOverdue();
        timeOut(1);
        scheduler.advance(AFTER_FIRST_EJECTION);
        assertThat(ejection()).isPresent();
    }

    @Test
    void anOverdueRequestWithoutAnOutcomeDoesNotKeepTheModelOut() {
        beOverdue();
        scheduler.advance(AFTER_FIRST_EJECTION);
        assertThat(ejection()).isEmpty();
    }

    @Test
    void slowStartBeginsWithTheFirstResponse() {
        scheduler.advance(Duration.ofSeconds(2));
        assertThat(nanosSinceReturn()).isLessThan(SECOND / 5);
        respond(1);
        assertThat(nanosSinceReturn()).isLessThan(SECOND / 5);
        scheduler.advance(Duration.ofSeconds(2));
        respond(1);
        assertThat(nanosSinceReturn()).isGreaterThan(SECOND);
    }

    @Test
    void slowStartDoesNotWaitForEver() {
        scheduler.advance(Duration.ofSeconds(6));
        assertThat(nanosSinceReturn()).isGreaterThan(SECOND);
    }
}

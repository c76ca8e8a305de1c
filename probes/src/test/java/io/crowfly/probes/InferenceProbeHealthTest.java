package io.crowfly.probes;

import static io.crowfly.probes.BackendSnapshot.Health.HEALTHY;
import static io.crowfly.probes.BackendSnapshot.Health.UNHEALTHY;
import static io.crowfly.probes.TestBackends.backend;
import static io.crowfly.probes.TestBackends.with;
import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.conf.Backend;
import io.crowfly.conf.Probe;
import io.crowfly.probes.ModelHealth.Cause;
import io.crowfly.probes.ModelHealth.Ejected;
import io.crowfly.probes.Observation.FailureKind;
import io.crowfly.probes.forecast.Api;
import io.crowfly.probes.forecast.RequestClass;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Effect of inference probes, whose failures may be their model's fault, on health. */
class InferenceProbeHealthTest {

    private static final ProbeResult STATUS_500 = new ProbeResult.Failure("status 500", ProbeResult.Cause.MODEL);

    private final Backend a = with(
            with(backend("a"), TestBackends.probe(new Probe.Kind.Inference("gpt", true))),
            Map.of("gpt", "", "mini", ""));
    private final ProbesFixture fixture = new ProbesFixture();
    private final FakeScheduler scheduler = fixture.scheduler;

    private void start(Backend backend) {
        fixture.prober.firstByte("a", 10);
        fixture.update(backend);
        scheduler.settle();
        assertThat(snapshot().health()).isEqualTo(HEALTHY);
    }

    @AfterEach
    void close() {
        fixture.probes.close();
    }

    private BackendSnapshot snapshot() {
        return fixture.snapshot("a");
    }

    private void failProbesFor(int seconds, ProbeResult failure) {
        fixture.prober.respondsWith("a", failure);
        scheduler.advance(Duration.ofSeconds(seconds));
    }

    @Test
    void failuresOfTheModelEjectOnlyTheModelUntilProbesPass() {
        start(a);
        failProbesFor(2, STATUS_500);
        assertThat(snapshot().models()).isEmpty();
        failProbesFor(3, STATUS_500);
        assertThat(snapshot().health()).isEqualTo(HEALTHY);
        assertThat(snapshot().reason()).isEqualTo("reachable, but the probe's model fails: status 500");
        Ejected ejected = snapshot().model("gpt").ejection().orElseThrow();
        assertThat(ejected.cause()).isEqualTo(Cause.PROBE);
        assertThat(ejected.untilNanos()).isEqualTo(Long.MAX_VALUE);
        assertThat(ejected.reason()).endsWith("probes failed in a row: status 500");
        assertThat(snapshot().model("mini").isEjected()).isFalse();

        fixture.prober.firstByte("a", 10);
        scheduler.advance(Duration.ofSeconds(3));
        assertThat(snapshot().model("gpt").isEjected()).isFalse();
        assertThat(snapshot()
                        .forecast(new RequestClass(Api.CHAT_COMPLETIONS, "gpt", true))
                        .returnedAtNanos())
                .isPositive();
    }

    @Test
    void failuresOfTheBackendMakeTheBackendUnhealthy() {
        start(a);
        failProbesFor(5, new ProbeResult.Failure("connection refused"));
        assertThat(snapshot().health()).isEqualTo(UNHEALTHY);
        assertThat(snapshot().model("gpt").isEjected()).isFalse();
    }

    @Test
    void aBackendThatServesNoOtherModelIsUnhealthyItself() {
        start(with(a, Map.of("gpt", "")));
        failProbesFor(5, STATUS_500);
        assertThat(snapshot().health()).isEqualTo(UNHEALTHY);
        assertThat(snapshot().models()).isEmpty();
    }

    @Test
    void aBackendThatListsNoModelsServesOthersOnceItHasRespondedToARequestForOne() {
        Backend any = with(backend("a"), TestBackends.probe(new Probe.Kind.Inference("gpt", true)));
        start(any);
        failProbesFor(5, STATUS_500);
        assertThat(snapshot().health()).isEqualTo(UNHEALTHY);
        RequestClass other = new RequestClass(Api.CHAT_COMPLETIONS, "other", true);
        fixture.observer.accept(new ObservationFactory(scheduler, other).firstToken(any, 100));
        failProbesFor(5, STATUS_500);
        assertThat(snapshot().health()).isEqualTo(HEALTHY);
        assertThat(snapshot().model("gpt").isEjected()).isTrue();
    }

    @Test
    void aProbeWhoseModelFailsShowsThatTheBackendIsReachableAgain() {
        start(a);
        RequestClass mini = new RequestClass(Api.CHAT_COMPLETIONS, "mini", true);
        fixture.observer.accept(new ObservationFactory(scheduler, mini).failed(a, FailureKind.UNREACHABLE));
        scheduler.settle();
        assertThat(snapshot().ejected()).isTrue();
        failProbesFor(4, STATUS_500);
        assertThat(snapshot().ejected()).isFalse();
    }

    @Test
    void aReloadToAnotherProbeForgetsTheResults() {
        start(a);
        failProbesFor(5, STATUS_500);
        assertThat(snapshot().model("gpt").isEjected()).isTrue();
        fixture.update(with(a, TestBackends.probe(new Probe.Kind.Tcp())));
        assertThat(snapshot().model("gpt").ejection()).isEqualTo(Optional.empty());
    }
}

package io.crowfly.probes;

import io.crowfly.conf.Backend;
import io.crowfly.probes.forecast.ProbeTimes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Prober that completes each probe as the test has set for its backend, and records all probes. */
final class ScriptedProber implements Prober {

    record Probing(Backend backend, long atNanos, Consumer<ProbeResult> whenDone) {}

    final List<Probing> probings = new ArrayList<>();
    private final Map<String, Consumer<Probing>> scripts = new HashMap<>();
    private final Scheduler scheduler;

    ScriptedProber(Scheduler scheduler) {
        this.scheduler = scheduler;
    }

    @Override
    public void probe(Backend backend, Consumer<ProbeResult> whenDone) {
        Probing probing = new Probing(backend, scheduler.nanoTime(), whenDone);
        probings.add(probing);
        scripts.getOrDefault(backend.name(), p -> {}).accept(probing);
    }

    void on(String backend, Consumer<Probing> script) {
        scripts.put(backend, script);
    }

    void respondsWith(String backend, ProbeResult result) {
        on(backend, probing -> probing.whenDone().accept(result));
    }

    void firstByte(String backend, int millis) {
        respondsWith(backend, firstByte(millis));
    }

    void fails(String backend, String reason) {
        respondsWith(backend, new ProbeResult.Failure(reason));
    }

    void neverResponds(String backend) {
        on(backend, probing -> {});
    }

    List<Probing> probingsOf(String backend) {
        return probings.stream().filter(p -> p.backend().name().equals(backend)).toList();
    }

    static ProbeResult firstByte(int millis) {
        return new ProbeResult.Success(new ProbeTimes(
                ProbeTimes.ABSENT, ProbeTimes.ABSENT, Duration.ofMillis(millis).toNanos()));
    }
}

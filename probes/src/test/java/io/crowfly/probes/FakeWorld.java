package io.crowfly.probes;

import io.crowfly.conf.Backend;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/** {@link Probes} over fake time and a scripted prober, and what its listeners heard. */
final class FakeWorld {

    final FakeTimeline timeline = new FakeTimeline();
    final ScriptedProber prober = new ScriptedProber(timeline);
    final List<Ranking> heard = new ArrayList<>();
    final List<String> outcomes = new ArrayList<>();
    final Probes probes = new Probes(
            prober,
            timeline,
            new Random(10),
            heard::add,
            (backend, result) -> outcomes.add(backend.name() + " " + result));

    /** What one loop tells. */
    final Consumer<Observation> observer = probes.observer();

    void update(Backend... backends) {
        probes.update(List.of(backends));
    }

    List<String> names() {
        return probes.ranking().standings().stream()
                .map(s -> s.backend().name())
                .toList();
    }

    Standing standing(String name) {
        return probes.ranking().standings().stream()
                .filter(s -> s.backend().name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}

package io.crowfly.probes;

import io.crowfly.conf.Backend;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/** {@link Probes} with a fake scheduler and a scripted prober; records the calls of its listeners. */
final class ProbesFixture {

    final FakeScheduler scheduler = new FakeScheduler();
    final ScriptedProber prober = new ScriptedProber(scheduler);
    final List<Ranking> rankings = new ArrayList<>();
    final List<String> probeResults = new ArrayList<>();
    final Probes probes = new Probes(
            prober,
            scheduler,
            new Random(10),
            rankings::add,
            (backend, result) -> probeResults.add(backend.name() + " " + result));

    /** Consumer of the observations of one loop. */
    final Consumer<Observation> observer = probes.observer();

    void update(Backend... backends) {
        probes.update(List.of(backends));
    }

    List<String> names() {
        return probes.ranking().snapshots().stream()
                .map(s -> s.backend().name())
                .toList();
    }

    BackendSnapshot snapshot(String name) {
        return probes.ranking().snapshots().stream()
                .filter(s -> s.backend().name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}

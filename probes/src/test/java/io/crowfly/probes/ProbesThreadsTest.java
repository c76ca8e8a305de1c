package io.crowfly.probes;

import static io.crowfly.probes.TestBackends.backend;
import static io.crowfly.probes.TestBackends.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.conf.Backend;
import io.crowfly.conf.Probe;
import io.crowfly.probes.BackendSnapshot.Health;
import java.time.Duration;
import java.util.AbstractList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests {@link Probes} on real threads: one scheduler, a pool that completes probes, and reloads. */
class ProbesThreadsTest {

    private static final int RELOADS = 500;

    private final ScheduledExecutorService executor = new ScheduledThreadPoolExecutor(1);
    private final ExecutorService proberPool = Executors.newFixedThreadPool(2);
    private final Set<Thread> listeningThreads = ConcurrentHashMap.newKeySet();
    private final List<Long> versions = new CopyOnWriteArrayList<>();
    private final Set<String> probedNames = ConcurrentHashMap.newKeySet();

    private final Scheduler scheduler = new Scheduler() {
        @Override
        public long nanoTime() {
            return System.nanoTime();
        }

        @Override
        public long epochMillis() {
            return System.currentTimeMillis();
        }

        @Override
        public void schedule(long delayNanos, Runnable task) {
            var unused = executor.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
        }
    };

    private final Probes probes = new Probes(
            (backend, whenDone) -> proberPool.execute(() -> whenDone.accept(ScriptedProber.firstByte(1))),
            scheduler,
            new Random(10),
            ranking -> {
                listeningThreads.add(Thread.currentThread());
                versions.add(ranking.version());
            },
            (backend, result) -> {
                listeningThreads.add(Thread.currentThread());
                probedNames.add(backend.name());
            });

    @AfterEach
    void close() {
        probes.close();
        executor.shutdownNow();
        proberPool.shutdownNow();
    }

    /** A backend that is probed every millisecond, so that results arrive during the reloads. */
    private static Backend busy(String name) {
        Backend backend = backend(name);
        Probe probe = backend.probe();
        return with(backend, new Probe(Duration.ofMillis(1), probe.timeout(), 2, 3, probe.kind()));
    }

    private static Set<Backend> backends(Ranking ranking) {
        Set<Backend> backends = new HashSet<>();
        ranking.snapshots().forEach(s -> backends.add(s.backend()));
        return backends;
    }

    @Test
    void hasExactlyTheNewBackendsAfterEachUpdateWhileResultsComeIn() {
        Backend steady = busy("steady");
        for (int reload = 0; reload < RELOADS; reload++) {
            int from = reload;
            List<Backend> wanted = IntStream.range(0, 4)
                    .mapToObj(i -> i == 0 ? steady : busy("b" + (from + i) % 7))
                    .toList();
            probes.update(wanted);
            assertThat(backends(probes.ranking())).isEqualTo(Set.copyOf(wanted));
        }
        await().untilAsserted(() -> assertThat(probes.ranking().snapshots())
                .hasSize(4)
                .allSatisfy(s -> assertThat(s.health()).isEqualTo(Health.HEALTHY)));
        await().until(() -> probedNames.contains("steady"));
        await().until(() -> {
            probes.update(List.of(steady, busy("b" + versions.size() % 7))); // a ranking, however busy the machine is
            return versions.size() > 100;
        });

        probes.close();
        assertThat(versions).isSorted().doesNotHaveDuplicates();
        assertThat(listeningThreads).hasSize(1);
    }

    @Test
    void appliesConcurrentUpdatesOneAfterTheOther() throws Exception {
        Set<Backend> probed = ConcurrentHashMap.newKeySet();
        ManualScheduler frozen = new ManualScheduler();
        try (Probes quiet = new Probes((b, whenDone) -> probed.add(b), frozen, new Random(10), r -> {}, (b, r) -> {})) {
            Thread second = new Thread(() -> quiet.update(List.of(backend("b"), backend("c"))));
            quiet.update(List.of(backend("a")));
            quiet.update(new AbstractList<>() {
                @Override
                public Backend get(int index) { // during the first update: start the second
                    if (second.getState() == Thread.State.NEW) {
                        second.start();
                        await().until(() -> second.getState() == Thread.State.BLOCKED || !second.isAlive());
                    }
                    return backend("a" + index);
                }

                @Override
                public int size() {
                    return 2;
                }
            });
            second.join();

            assertThat(quiet.ranking().version()).isEqualTo(3);
            assertThat(backends(quiet.ranking())).containsExactlyInAnyOrder(backend("b"), backend("c"));
            frozen.runAll();
            assertThat(probed).isEqualTo(backends(quiet.ranking()));
        }
    }

    /** Keeps tasks that are due at once, from any thread, until {@link #runAll}. */
    private static final class ManualScheduler implements Scheduler {
        private final Queue<Runnable> due = new ConcurrentLinkedQueue<>();

        @Override
        public long nanoTime() {
            return 0;
        }

        @Override
        public long epochMillis() {
            return 0;
        }

        @Override
        public void schedule(long delayNanos, Runnable task) {
            if (delayNanos == 0) {
                due.add(task);
            }
        }

        void runAll() {
            for (Runnable task = due.poll(); task != null; task = due.poll()) {
                task.run();
            }
        }
    }
}

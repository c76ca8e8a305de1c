package io.crowfly.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.crowfly.balancer.routing.Planner;
import io.crowfly.balancer.testbed.CapturedLog;
import io.crowfly.balancer.testbed.TestSnapshots;
import io.crowfly.conf.Conf;
import io.crowfly.conf.read.ConfReader;
import io.crowfly.conf.read.ConfResult;
import io.crowfly.probes.BackendSnapshot;
import io.crowfly.probes.Ranking;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AlarmsTest {

    @TempDir
    Path directory;

    private final CapturedLog log = new CapturedLog(Alarms.class.getName());
    private final Alarms alarms = new Alarms();
    private Conf conf;
    private Planner planner;

    @BeforeEach
    void plan() throws Exception {
        plan("");
    }

    private void plan(String models) throws Exception {
        plan(models, "");
    }

    private void plan(String models, String more) throws Exception {
        Path file = directory.resolve("crowfly.yaml");
        Files.writeString(file, """
                listeners: [{name: public, bind: "127.0.0.1:0"}]
                backends:
                  - {name: a, provider: openai, url: "http://a"%1$s}
                  - {name: b, provider: openai, url: "http://b"%1$s}
                %2$s
                """.formatted(models, more));
        conf = ((ConfResult.Valid) new ConfReader(Map.of()).read(file)).conf();
        planner = new Planner(conf, (backend, api) -> true, index -> 0);
    }

    @AfterEach
    void close() {
        log.close();
    }

    private void observe(int second, boolean aEjected, boolean bEjected, boolean unauthorized) {
        List<BackendSnapshot> snapshots = List.of(
                TestSnapshots.snapshot(conf.backends().get(0), aEjected, unauthorized),
                TestSnapshots.snapshot(conf.backends().get(1), bEjected, unauthorized));
        observe(second, snapshots);
    }

    private void observe(int second, List<BackendSnapshot> snapshots) {
        Ranking ranking = new Ranking(second + 1, TimeUnit.SECONDS.toNanos(second), snapshots, Map.of());
        alarms.logChanges(ranking, planner.plan(ranking));
    }

    @Test
    void logsAPanicOnceAndItsEndAfterTenQuietSeconds() {
        observe(0, true, true, false);
        observe(1, true, true, false);
        observe(2, true, false, false);
        observe(5, true, true, false);
        assertThat(log.lines(Level.WARN))
                .filteredOn(line -> line.startsWith("panic"))
                .hasSize(1);
        assertThat(log.lines(Level.WARN))
                .contains("panic: none of a, b is healthy, requests are sent to the least bad one; "
                        + "a: ejected: status 401; b: ejected: status 401");
        observe(6, false, false, false);
        observe(15, false, false, false);
        assertThat(log.lines(Level.INFO)).doesNotContain("panic has ended for a, b");
        observe(16, false, false, false);
        observe(17, false, false, false);
        assertThat(log.lines(Level.INFO))
                .filteredOn("panic has ended for a, b"::equals)
                .hasSize(1);
    }

    @Test
    void namesTheModelsOfAPanic() throws Exception {
        plan(", models: [m, n]");
        observe(0, true, true, false);
        assertThat(log.lines(Level.WARN))
                .filteredOn(line -> line.startsWith("panic"))
                .singleElement()
                .asString()
                .startsWith("panic: none of a, b is healthy for m, n, requests are sent to the least bad one; ");
    }

    @Test
    void logsOnePanicForAModelThatIsEjectedBeforeItsBackends() throws Exception {
        plan(", models: [m]");
        List<BackendSnapshot> ejected = conf.backends().stream()
                .map(backend -> TestSnapshots.ejectedModels(backend, true, "m"))
                .toList();
        List<BackendSnapshot> unhealthy = conf.backends().stream()
                .map(backend -> TestSnapshots.unhealthy(backend, "status 503", false))
                .toList();
        observe(0, ejected);
        observe(1, unhealthy);
        assertThat(log.lines(Level.WARN))
                .filteredOn(line -> line.startsWith("panic"))
                .singleElement()
                .asString()
                .startsWith("panic: none of a, b is healthy for m, ");
    }

    @Test
    void logsTheEndOfAPanicAtOnceIfProbesMadeTheBackendsHealthyAgain() {
        observe(
                0,
                conf.backends().stream()
                        .map(backend -> TestSnapshots.unhealthy(backend, "status 503", false))
                        .toList());
        observe(1, false, false, false);
        assertThat(log.lines(Level.INFO)).containsExactly("panic has ended for a, b");
    }

    @Test
    void logsOnePanicForAModelAndNamesTheRuleThatConfinesIt() throws Exception {
        plan(", models: [m]", "routing: {rules: [{name: only-a, when: {path: /v1/realtime}, only: {backends: [a]}}]}");
        BackendSnapshot a = TestSnapshots.unhealthy(conf.backends().get(0), "status 503", false);
        BackendSnapshot b = TestSnapshots.unhealthy(conf.backends().get(1), "status 503", false);
        observe(0, List.of(a, b));
        assertThat(log.lines(Level.WARN))
                .filteredOn(line -> line.startsWith("panic"))
                .singleElement()
                .asString()
                .startsWith("panic: none of a, b is healthy for m, requests");
        observe(1, false, false, false);
        observe(2, List.of(a, TestSnapshots.snapshot(conf.backends().get(1), false, false)));
        assertThat(log.lines(Level.WARN))
                .filteredOn(line -> line.startsWith("panic"))
                .hasSize(2)
                .last()
                .asString()
                .startsWith("panic: none of a is healthy for m (rule only-a), requests");
    }

    @Test
    void logsThePanicOfARuleThatOutlastsThatOfAllBackends() throws Exception {
        plan(", models: [m]", "routing: {rules: [{name: only-a, when: {path: /v1/realtime}, only: {backends: [a]}}]}");
        BackendSnapshot a = TestSnapshots.unhealthy(conf.backends().get(0), "status 503", false);
        observe(0, List.of(a, TestSnapshots.unhealthy(conf.backends().get(1), "status 503", false)));
        observe(1, List.of(a, TestSnapshots.snapshot(conf.backends().get(1), false, false)));
        assertThat(log.lines(Level.WARN))
                .filteredOn(line -> line.startsWith("panic"))
                .last()
                .asString()
                .startsWith("panic: none of a is healthy for m (rule only-a), requests");
        observe(2, false, false, false);
        assertThat(log.lines(Level.INFO))
                .filteredOn(line -> line.startsWith("panic"))
                .containsExactly("panic has ended for a, b for m", "panic has ended for a for m");
    }

    @Test
    void logsNoPanicIfAHealthyBackendHasOnlyParkedTheModel() throws Exception {
        plan(", models: [m]");
        BackendSnapshot ejected = TestSnapshots.snapshot(conf.backends().get(0), true, false);
        BackendSnapshot parked = TestSnapshots.parked(conf.backends().get(1), "m");
        Ranking ranking = new Ranking(1, 0, List.of(ejected, parked), Map.of());
        assertThat(planner.plan(ranking).panics()).isNotEmpty();
        observe(0, List.of(ejected, parked));
        assertThat(log.lines(Level.WARN)).noneMatch(line -> line.startsWith("panic"));
    }

    @Test
    void logsEachEjectionOnceAndItsEnd() {
        observe(0, true, false, true);
        observe(1, true, false, true);
        assertThat(log.lines(Level.ERROR)).hasSize(1);
        observe(2, false, false, true);
        assertThat(log.lines(Level.INFO)).containsExactly("backend a: no longer ejected");
        observe(3, true, false, true);
        assertThat(log.lines(Level.ERROR)).hasSize(2);
        observe(4, false, true, false);
        assertThat(log.lines(Level.WARN)).containsExactly("backend b: ejected: status 401");
    }

    @Test
    void logsARefusalOfProbesOnceAndItsEnd() {
        BackendSnapshot refused = TestSnapshots.unhealthy(conf.backends().get(0), "status 401", true);
        BackendSnapshot b = TestSnapshots.snapshot(conf.backends().get(1), false, false);
        observe(0, List.of(refused, b));
        observe(1, List.of(refused, b));
        assertThat(log.lines(Level.ERROR))
                .containsExactly("backend a: its probes are refused (status 401); correct `credential`, or the path of "
                        + "the probe. The backend gets no requests until its probes pass");
        observe(2, List.of(TestSnapshots.snapshot(conf.backends().get(0), false, false), b));
        assertThat(log.lines(Level.INFO)).containsExactly("backend a: its credential is accepted again");
    }

    @Test
    void logsTheEjectionOfTheLastHealthyBackendAsAnError() {
        observe(0, true, false, false);
        assertThat(log.lines(Level.WARN)).containsExactly("backend a: ejected: status 401");
        observe(1, true, true, false);
        assertThat(log.lines(Level.ERROR)).containsExactly("backend b: ejected: status 401; no backend is healthy now");
    }

    @Test
    void logsEachEjectedModelOnceAndItsEndAfterTenQuietSeconds() {
        BackendSnapshot a = TestSnapshots.ejectedModels(conf.backends().get(0), true, "m", "n");
        BackendSnapshot b = TestSnapshots.snapshot(conf.backends().get(1), false, false);
        BackendSnapshot returned = TestSnapshots.snapshot(conf.backends().get(0), false, false);
        observe(0, List.of(a, b));
        observe(1, List.of(returned, b));
        observe(2, List.of(a, b));
        assertThat(log.lines(Level.WARN))
                .containsExactly(
                        "backend a: model m: ejected: 3 failures in a row: status 500",
                        "backend a: model n: ejected: 3 failures in a row: status 500");
        observe(12, List.of(returned, b));
        assertThat(log.lines(Level.INFO)).isEmpty();
        observe(13, List.of(returned, b));
        assertThat(log.lines(Level.INFO))
                .containsExactly("backend a: model m: no longer ejected", "backend a: model n: no longer ejected");
    }

    @Test
    void doesNotLogTheNamesOfModelsThatTheConfDoesNotList() {
        BackendSnapshot a = TestSnapshots.ejectedModels(conf.backends().get(0), false, "made-up-1\n", "made-up-2");
        BackendSnapshot b = TestSnapshots.snapshot(conf.backends().get(1), false, false);
        observe(0, List.of(a, b));
        assertThat(log.lines(Level.WARN))
                .containsExactly("backend a: a model that the conf does not list (see /backends): ejected: "
                        + "3 failures in a row: status 500");
    }

    @Test
    void logsAPanicOfAModelThatEveryBackendHasEjected() throws Exception {
        plan(", models: [m, n]");
        BackendSnapshot a = TestSnapshots.ejectedModels(conf.backends().get(0), true, "m");
        BackendSnapshot b = TestSnapshots.ejectedModels(conf.backends().get(1), true, "m");
        BackendSnapshot both = TestSnapshots.ejectedModels(conf.backends().get(1), true, "m", "n");
        BackendSnapshot aBoth = TestSnapshots.ejectedModels(conf.backends().get(0), true, "m", "n");
        observe(0, List.of(a, b));
        observe(0, List.of(aBoth, both));
        assertThat(log.lines(Level.WARN))
                .filteredOn(line -> line.startsWith("panic"))
                .satisfiesExactly(
                        line -> assertThat(line)
                                .startsWith("panic: none of a, b is healthy for m, requests are sent to the least bad")
                                .endsWith("; a: model ejected for 1000 ms: 3 failures in a row: status 500; "
                                        + "b: model ejected for 1000 ms: 3 failures in a row: status 500"),
                        line -> assertThat(line).startsWith("panic: none of a, b is healthy for n, requests"));
    }
}

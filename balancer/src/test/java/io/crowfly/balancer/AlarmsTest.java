package io.crowfly.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.crowfly.balancer.routing.Planner;
import io.crowfly.balancer.testbed.CapturedLog;
import io.crowfly.balancer.testbed.Standings;
import io.crowfly.conf.Conf;
import io.crowfly.conf.ConfReader;
import io.crowfly.conf.ConfResult;
import io.crowfly.probes.Ranking;
import io.crowfly.probes.Standing;
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
        Path file = directory.resolve("crowfly.yaml");
        Files.writeString(file, """
                listeners: [{name: public, bind: "127.0.0.1:0"}]
                backends:
                  - {name: a, provider: openai, url: "http://a"%1$s}
                  - {name: b, provider: openai, url: "http://b"%1$s}
                """.formatted(models));
        conf = ((ConfResult.Valid) new ConfReader(Map.of()).read(file)).conf();
        planner = new Planner(conf, (backend, api) -> true, index -> 0);
    }

    @AfterEach
    void close() {
        log.close();
    }

    private void lookAt(int second, boolean aEjected, boolean bEjected, boolean unauthorized) {
        List<Standing> standings = List.of(
                Standings.of(conf.backends().get(0), aEjected, unauthorized),
                Standings.of(conf.backends().get(1), bEjected, unauthorized));
        lookAt(second, standings);
    }

    private void lookAt(int second, List<Standing> standings) {
        Ranking ranking = new Ranking(second + 1, TimeUnit.SECONDS.toNanos(second), standings, Map.of());
        alarms.look(ranking, planner.plan(ranking));
    }

    @Test
    void tellsOfAPanicOnceAndOfItsEndOnceItHasStayedAway() {
        lookAt(0, true, true, false);
        lookAt(1, true, true, false);
        lookAt(2, true, false, false);
        lookAt(5, true, true, false);
        assertThat(log.lines(Level.WARN))
                .filteredOn(line -> line.startsWith("panic"))
                .hasSize(1);
        assertThat(log.lines(Level.WARN))
                .contains("panic: none of a, b is well, requests go to the least bad; "
                        + "a: ejected: status 401; b: ejected: status 401");
        lookAt(6, false, false, false);
        lookAt(15, false, false, false);
        assertThat(log.lines(Level.INFO)).doesNotContain("panic is over for a, b");
        lookAt(16, false, false, false);
        lookAt(17, false, false, false);
        assertThat(log.lines(Level.INFO))
                .filteredOn("panic is over for a, b"::equals)
                .hasSize(1);
    }

    @Test
    void namesTheModelsOfAPanic() throws Exception {
        plan(", models: [m, n]");
        lookAt(0, true, true, false);
        assertThat(log.lines(Level.WARN))
                .filteredOn(line -> line.startsWith("panic"))
                .singleElement()
                .asString()
                .startsWith("panic: none of a, b is well for m, n, requests go to the least bad; ");
    }

    @Test
    void tellsOfNoPanicWhereOneIsOnlyParked() throws Exception {
        plan(", models: [m]");
        Standing ejected = Standings.of(conf.backends().get(0), true, false);
        Standing parked = Standings.parked(conf.backends().get(1), "m");
        Ranking ranking = new Ranking(1, 0, List.of(ejected, parked), Map.of());
        assertThat(planner.plan(ranking).panicking()).isNotEmpty();
        lookAt(0, List.of(ejected, parked));
        assertThat(log.lines(Level.WARN)).noneMatch(line -> line.startsWith("panic"));
    }

    @Test
    void tellsOfEachEjectionOnceAndOfItsEnd() {
        lookAt(0, true, false, true);
        lookAt(1, true, false, true);
        assertThat(log.lines(Level.ERROR)).hasSize(1);
        lookAt(2, false, false, true);
        assertThat(log.lines(Level.INFO)).containsExactly("backend a: no longer ejected");
        lookAt(3, true, false, true);
        assertThat(log.lines(Level.ERROR)).hasSize(2);
        lookAt(4, false, true, false);
        assertThat(log.lines(Level.WARN)).containsExactly("backend b: ejected: status 401");
    }
}

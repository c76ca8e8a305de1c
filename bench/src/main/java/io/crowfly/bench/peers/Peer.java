package io.crowfly.bench.peers;

import io.crowfly.bench.process.Programs;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A proxy under comparison: how it is configured for a scenario, and how it is started in the foreground.
 *
 * <p>Every peer does the same work: one thread, two backends in turn or by latency, upstream connections kept and shared,
 * {@code X-Forwarded-For}, {@code X-Forwarded-Proto} and {@code X-Request-Id} set on what goes upstream, no access log.
 * Beyond that each has the settings that serve it best, found by trying; their reasons stand in the conf texts. A peer can
 * also be compared as it comes ("stock"), for what tuning is worth, and since older figures were taken so.
 */
public sealed interface Peer permits Crowfly, HaProxy, Nginx {

    /** The name on the command line and in the report. */
    String name();

    /** The program, and its version as it tells it. */
    String version(Programs programs);

    /**
     * The text of its conf file.
     *
     * @param folder where the program may write what it must (temporary files, its pid)
     * @param port what it listens on, on 127.0.0.1
     * @param backends the ports of the backends, on 127.0.0.1
     */
    String conf(Scenario scenario, Path folder, int port, List<Integer> backends);

    /** The command that runs it in the foreground on that conf file. */
    List<String> command(Programs programs, Path conf);

    /** What its environment has beside what this process has. */
    default Map<String, String> environment() {
        return Map.of();
    }

    /** How long it wants load before its figures are its own, in seconds; the run may ask for more. */
    int warmUpSeconds();
}

package io.crowfly.bench.peers;

import io.crowfly.bench.process.Programs;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Proxy that {@code bench peers} compares: its conf for a scenario, and the command that starts it in the foreground.
 *
 * <p>All peers do the same work: one thread, two backends in turn or by latency, persistent and shared upstream
 * connections, {@code X-Forwarded-For}, {@code X-Forwarded-Proto} and {@code X-Request-Id} set on upstream requests, no
 * access log. All other settings of each peer are those that measured best; comments in the conf texts give the
 * reasons. A peer can also be compared with common settings ("stock"), which shows the effect of tuning.
 */
public sealed interface Peer permits CrowflyPeer, HaProxyPeer, NginxPeer {

    /** Returns the name on the command line and in the report. */
    String name();

    /** Returns the program with its version, as the program prints it. */
    String version(Programs programs);

    /**
     * Returns the text of the conf file.
     *
     * @param folder folder for the program's temporary files and pid
     * @param port port to listen on, on 127.0.0.1
     * @param backends ports of the backends, on 127.0.0.1
     */
    String conf(PeerScenario scenario, Path folder, int port, List<Integer> backends);

    /** Returns the command that runs the proxy in the foreground with that conf file. */
    List<String> command(Programs programs, Path conf);

    /** Returns environment variables in addition to those of this process. */
    default Map<String, String> environment() {
        return Map.of();
    }

    /** Returns the minimum seconds of load before the proxy's figures are stable. The run may use more. */
    int warmUpSeconds();
}

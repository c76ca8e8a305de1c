package io.crowfly.bench.peers;

import io.crowfly.bench.process.Programs;
import java.nio.file.Path;
import java.util.List;

/**
 * HAProxy as one of the compared proxies: its conf and command. The report shows the other proxies as ratios to
 * HAProxy.
 *
 * @param tuned whether the conf has the settings that measured best for each scenario; otherwise it has common settings
 */
record HaProxyPeer(boolean tuned) implements Peer {

    private static final int MAX_CONNECTIONS = 4096;

    /** Connections besides those of the clients. HAProxy needs two open files for each connection that it may have. */
    private static final int OTHER_CONNECTIONS = 256;

    @Override
    public String name() {
        return tuned ? "haproxy" : "haproxy-stock";
    }

    @Override
    public String version(Programs programs) {
        return programs.firstLine("haproxy", "-v");
    }

    @Override
    public String conf(PeerScenario scenario, Path folder, int port, List<Integer> backends) {
        return """
                global
                    # The same number of threads as the other proxies.
                    nbthread 1
                    # Enough for all streams and their upstream connections; the number of splicing pipes follows from it.
                    maxconn %d
                %s
                defaults
                    mode http
                    timeout connect 2s
                    timeout client 60s
                    timeout server 60s
                    # Any idle upstream connection may serve any request, as in the other proxies' pools; this is the fastest mode.
                    http-reuse always
                %s
                frontend clients
                    bind 127.0.0.1:%d%s
                    # The headers that every compared proxy sets.
                    option forwardfor
                    http-request set-header X-Forwarded-Proto http
                    unique-id-format %%[uuid()]
                    unique-id-header X-Request-Id
                    default_backend endpoints

                backend endpoints
                    balance roundrobin
                    # The same interval as Crowfly's probes.
                    server one 127.0.0.1:%d%s check inter 1s
                    server two 127.0.0.1:%d%7$s check inter 1s
                """.formatted(
                Math.max(MAX_CONNECTIONS, scenario.connections() + OTHER_CONNECTIONS),
                global(scenario),
                defaults(scenario),
                port,
                scenario.secureClients() ? " ssl crt " + folder + "/edge.pem alpn http/1.1" : "",
                backends.get(0),
                // The checks connect only, as Crowfly's probes do.
                scenario.secureBackends() ? " ssl verify required ca-file " + folder + "/ca.crt no-check-ssl" : "",
                backends.get(1));
    }

    private String global(PeerScenario scenario) {
        return tuned && (scenario.hasLargeResponse() || scenario == PeerScenario.UPLOAD_10M) ? """
                    # 8 times the default: fewer system calls per body, a quarter less CPU at 10 MiB. Larger pipes have no effect.
                    tune.pipesize 524288
                """ : "";
    }

    private String defaults(PeerScenario scenario) {
        if (scenario == PeerScenario.SSE) {
            return """
                    # Without this option HAProxy collects about ten tokens per packet, which is cheaper but delays tokens.
                    option http-no-delay
                """;
        }
        if (tuned && scenario == PeerScenario.UPLOAD_10M) {
            return """
                    option splice-request
                """;
        }
        if (!scenario.hasLargeResponse()) {
            return "";
        }
        return tuned ? """
                    # Bodies pass through a kernel pipe and never enter user space. 'splice-auto' uses a heuristic that does not splice here:
                    # a tenth more CPU at 64 KiB and three times as much at 10 MiB.
                    option splice-response
                """ : """
                    option splice-auto
                """;
    }

    @Override
    public List<String> command(Programs programs, Path conf) {
        return List.of(programs.path("haproxy"), "-db", "-f", conf.toString());
    }

    @Override
    public int warmUpSeconds() {
        return 2;
    }
}

package io.crowfly.bench.peers;

import io.crowfly.bench.process.Programs;
import java.nio.file.Path;
import java.util.List;

/**
 * HAProxy, the measure of the others.
 *
 * @param tuned with what serves it best at each scenario, as who cares for it would run it; otherwise as most run it
 */
record HaProxy(boolean tuned) implements Peer {

    @Override
    public String name() {
        return tuned ? "haproxy" : "haproxy-stock";
    }

    @Override
    public String version(Programs programs) {
        return programs.firstLine("haproxy", "-v");
    }

    @Override
    public String conf(Scenario scenario, Path folder, int port, List<Integer> backends) {
        return """
                global
                    # As many as every other proxy here has.
                    nbthread 1
                    # Room for all streams and their upstream sides; the number of splicing pipes follows from it.
                    maxconn 4096
                %s
                defaults
                    mode http
                    timeout connect 2s
                    timeout client 60s
                    timeout server 60s
                    # Any idle upstream connection serves any request: the others' pools do so too, and it is the fastest.
                    http-reuse always
                %s
                frontend clients
                    bind 127.0.0.1:%d
                    # The headers that every proxy here sets.
                    option forwardfor
                    http-request set-header X-Forwarded-Proto http
                    unique-id-format %%[uuid()]
                    unique-id-header X-Request-Id
                    default_backend endpoints

                backend endpoints
                    balance roundrobin
                    # Checked as often as Crowfly probes.
                    server one 127.0.0.1:%d check inter 1s
                    server two 127.0.0.1:%d check inter 1s
                """.formatted(global(scenario), defaults(scenario), port, backends.get(0), backends.get(1));
    }

    private String global(Scenario scenario) {
        return tuned && hasLargeResponse(scenario) ? """
                    # 8 times the default: fewer turns per body. A quarter less CPU at 10 MiB; more brings nothing.
                    tune.pipesize 524288
                """ : "";
    }

    private String defaults(Scenario scenario) {
        if (scenario == Scenario.SSE) {
            return """
                    # Without it HAProxy holds tokens back for fuller packets, about ten together: cheaper, and not the same service.
                    option http-no-delay
                """;
        }
        if (!hasLargeResponse(scenario)) {
            return "";
        }
        return tuned ? """
                    # Bodies go through a kernel pipe and never enter user space. The 'auto' kind guesses when to, and does not here:
                    # that costs it a tenth at 64 KiB and three times as much at 10 MiB.
                    option splice-response
                """ : """
                    option splice-auto
                """;
    }

    private static boolean hasLargeResponse(Scenario scenario) {
        return scenario == Scenario.BODY_64K || scenario == Scenario.BODY_10M;
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

package io.crowfly.bench.peers;

import java.nio.file.Path;
import java.util.List;

/** HAProxy, the measure of the others. */
record HaProxy() implements Peer {

    @Override
    public String name() {
        return "haproxy";
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
                """.formatted(tuning(scenario), port, backends.get(0), backends.get(1));
    }

    private static String tuning(Scenario scenario) {
        return switch (scenario) {
            case SMALL, POST, BODY_64K -> "";
            // Bodies through a kernel pipe, never through user space: what makes HAProxy fast at large ones.
            case BODY_10M -> "    option splice-auto\n";
            // Without it HAProxy holds tokens back for fuller packets, about ten together: cheaper, and not the same
            // service.
            case SSE -> "    option http-no-delay\n";
        };
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

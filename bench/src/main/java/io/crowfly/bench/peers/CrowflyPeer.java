package io.crowfly.bench.peers;

import io.crowfly.bench.process.CrowflyCommand;
import io.crowfly.bench.process.Programs;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Crowfly as one of the compared proxies: its conf, command and environment.
 *
 * @param name name of the peer in the report
 * @param models {@code models} of both backends, by the client's name; empty: no {@code models} in the conf
 * @param commandLine command to start the balancer, split at spaces; {@code FILE} stands for the conf file
 * @param backends number of backends in the conf; they share the ports of the backends that run
 * @param warmUpSeconds seconds until the JIT compilers, which share the core, have compiled the hot path
 */
public record CrowflyPeer(String name, Map<String, String> models, String commandLine, int backends, int warmUpSeconds)
        implements Peer {

    private static final int TWO = 2;

    public CrowflyPeer {
        models = Map.copyOf(models);
    }

    /** Creates a peer without {@code models} in its conf. */
    public CrowflyPeer(String commandLine, int warmUpSeconds) {
        this("crowfly", Map.of(), commandLine, TWO, warmUpSeconds);
    }

    /** Creates a peer with another name, and {@code models} in its conf. */
    public CrowflyPeer(String name, Map<String, String> models, String commandLine, int warmUpSeconds) {
        this(name, models, commandLine, TWO, warmUpSeconds);
    }

    /** Creates a peer with another name, and this number of backends in its conf. */
    public CrowflyPeer(String name, String commandLine, int backends, int warmUpSeconds) {
        this(name, Map.of(), commandLine, backends, warmUpSeconds);
    }

    @Override
    public String version(Programs programs) {
        String options = System.getenv("CROWFLY_JAVA_OPTS");
        return "Crowfly on %s %s%s"
                .formatted(
                        System.getProperty("java.vm.name"),
                        System.getProperty("java.vm.version"),
                        options == null ? "" : ", CROWFLY_JAVA_OPTS='" + options + "'");
    }

    @Override
    public String conf(PeerScenario scenario, Path folder, int port, List<Integer> backends) {
        return """
                region: bench
                listeners:
                  - name: clients
                    bind: 127.0.0.1:%1$d
                    protocols: [http/1.1]%3$s
                admin:
                  bind: 127.0.0.1:0
                backends:
                %2$sprobes:
                  interval: 1s
                  tcp: {}
                """.formatted(
                        port,
                        backendLines(scenario, backends),
                        scenario.secureClients() ? "\n    tls: {certificates: [{cert: edge.crt, key: edge.key}]}" : "");
    }

    private String backendLines(PeerScenario scenario, List<Integer> ports) {
        String scheme = scenario.secureBackends() ? "https" : "http";
        String more = renaming() + (scenario.secureBackends() ? ", tls: {ca: ca.crt}" : "");
        return IntStream.range(0, backends)
                .mapToObj(number ->
                        "  - {name: backend-%d, provider: openai, url: \"%s://127.0.0.1:%d\", region: bench%s}%n"
                                .formatted(number, scheme, ports.get(number % ports.size()), more))
                .collect(Collectors.joining());
    }

    private String renaming() {
        String pairs = models.entrySet().stream()
                .map(pair -> pair.getKey() + ": " + pair.getValue())
                .collect(Collectors.joining(", "));
        return models.isEmpty() ? "" : ", models: {" + pairs + "}";
    }

    @Override
    public List<String> command(Programs programs, Path conf) {
        return new CrowflyCommand(commandLine).withConf(conf);
    }

    /**
     * Returns the setting for one event loop. The JVM's other threads share the core, and their CPU time is counted
     * too.
     */
    @Override
    public Map<String, String> environment() {
        return Map.of("CROWFLY_EVENT_LOOPS", "1");
    }
}

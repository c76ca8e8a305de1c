package io.crowfly.bench.peers;

import io.crowfly.bench.process.CrowflyCommand;
import io.crowfly.bench.process.Programs;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The balancer of this repository, started like its users start it.
 *
 * @param models models of both backends, by the client's name; empty: every model under its own name
 * @param commandLine command to start the balancer, split at spaces; {@code FILE} stands for the conf file
 * @param warmUpSeconds long enough for the JIT compilers, which share the core, to finish with the hot path
 */
public record CrowflyPeer(String name, Map<String, String> models, String commandLine, int warmUpSeconds) implements Peer {

    public CrowflyPeer {
        models = Map.copyOf(models);
    }

    /** Creates a peer with a minimal conf. */
    public CrowflyPeer(String commandLine, int warmUpSeconds) {
        this("crowfly", Map.of(), commandLine, warmUpSeconds);
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
                    bind: 127.0.0.1:%d
                    protocols: [http/1.1]
                admin:
                  bind: 127.0.0.1:0
                backends:
                  - {name: one, provider: openai, url: "http://127.0.0.1:%d", region: bench%4$s}
                  - {name: two, provider: openai, url: "http://127.0.0.1:%d", region: bench%4$s}
                probes:
                  interval: 1s
                  tcp: {}
                """.formatted(port, backends.get(0), backends.get(1), renaming());
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

    /** Sets one event loop. The JVM's own threads are counted too, and share the core. */
    @Override
    public Map<String, String> environment() {
        return Map.of("CROWFLY_EVENT_LOOPS", "1");
    }
}

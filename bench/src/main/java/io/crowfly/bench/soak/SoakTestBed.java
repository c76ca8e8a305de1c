package io.crowfly.bench.soak;

import io.crowfly.bench.endpoint.EndpointProcess;
import io.crowfly.bench.load.AdminClient;
import io.crowfly.bench.peers.NginxBackend;
import io.crowfly.bench.process.Children;
import io.crowfly.bench.process.Children.Child;
import io.crowfly.bench.process.CrowflyCommand;
import io.crowfly.bench.process.Ports;
import io.crowfly.bench.process.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Test bed of {@code bench soak}: two backends with small and large responses, of which one is killed and started
 * again, a backend with token streams, and a balancer whose conf file is changed.
 */
final class SoakTestBed {

    private static final long READY_NANOS = TimeUnit.SECONDS.toNanos(120);

    private static final String STREAMS = "{\"tokens\": 100, \"between-tokens-ms\": 20, \"first-token-ms\": 100}";

    private final Children children;
    private final Path backendFolder;
    private final List<String> backendCommand;
    private final int backendPort;
    private final Path conf;
    private final String confText;
    private final Child balancer;
    private final int port;
    private final AdminClient admin;
    private Child killed;
    private int edits;

    /** Starts all processes and waits until the balancer is ready. */
    SoakTestBed(Path folder, Children children, CrowflyCommand crowfly, Programs programs)
            throws IOException, InterruptedException {
        this.children = children;
        List<Integer> ports = Ports.free(5);
        backendPort = ports.get(0);
        backendFolder = Files.createDirectory(folder.resolve("killed"));
        backendCommand = NginxBackend.prepare(programs, backendFolder, backendPort);
        killed = startKilled();
        Path other = Files.createDirectory(folder.resolve("other"));
        children.start("other", NginxBackend.prepare(programs, other, ports.get(1)), Map.of(), other.resolve("log"))
                .awaitListening(ports.get(1));
        EndpointProcess.start(children, "streams", ports.get(2), folder.resolve("streams.log"));
        EndpointProcess.setBehaviour(ports.get(2), STREAMS);
        port = ports.get(3);
        admin = new AdminClient(ports.get(4));
        confText = conf(ports);
        conf = Files.writeString(folder.resolve("crowfly.yaml"), confText);
        balancer = children.start("balancer", crowfly.withConf(conf), Map.of(), folder.resolve("balancer.log"));
        balancer.awaitListening(port);
        for (long end = System.nanoTime() + READY_NANOS; admin.healthyBackends() < 3; Thread.sleep(50)) {
            if (System.nanoTime() > end) {
                throw new IOException("the backends did not become healthy:\n" + balancer.output());
            }
        }
    }

    private static String conf(List<Integer> ports) {
        return """
                region: bench
                listeners: [{name: clients, bind: "127.0.0.1:%4$d"}]
                admin: {bind: "127.0.0.1:%5$d"}
                backends:
                  - {name: killed, provider: openai, url: "http://127.0.0.1:%1$d"}
                  - {name: other, provider: openai, url: "http://127.0.0.1:%2$d"}
                  - {name: streams, provider: openai, url: "http://127.0.0.1:%3$d"}
                probes: {tcp: {}, interval: 500ms}
                routing:
                  rules:
                    - {name: chats, when: {path: /v1/*}, only: {backends: [streams]}}
                    - {name: files, when: {path: /*}, only: {backends: [killed, other]}}
                timeouts: {drain: 30s}
                """.formatted(ports.toArray());
    }

    private Child startKilled() throws IOException, InterruptedException {
        Child child = children.start("killed", backendCommand, Map.of(), backendFolder.resolve("log"));
        child.awaitListening(backendPort);
        return child;
    }

    void kill() throws InterruptedException {
        killed.process().destroyForcibly().waitFor();
    }

    void restart() throws IOException, InterruptedException {
        killed = startKilled();
    }

    /** Changes a timeout in the conf file; the balancer reloads a changed file by itself. */
    void edit() throws IOException {
        edits++;
        Path fresh = Files.writeString(
                conf.resolveSibling("fresh.yaml"), confText.replace("drain: 30s", "drain: " + (30 + edits % 10) + "s"));
        Files.move(fresh, conf, StandardCopyOption.ATOMIC_MOVE);
    }

    Child balancer() {
        return balancer;
    }

    int port() {
        return port;
    }

    AdminClient admin() {
        return admin;
    }
}

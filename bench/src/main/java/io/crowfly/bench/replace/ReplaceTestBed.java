package io.crowfly.bench.replace;

import io.crowfly.bench.endpoint.EndpointProcess;
import io.crowfly.bench.endpoint.tls.PrivateAuthority;
import io.crowfly.bench.load.HttpCall;
import io.crowfly.bench.process.Children;
import io.crowfly.bench.process.Children.Child;
import io.crowfly.bench.process.CrowflyCommand;
import io.crowfly.bench.process.Ports;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/** Processes of {@code bench replace}: the balancer, which is replaced, and the backends. Confined to one thread. */
final class ReplaceTestBed {

    /** Time for a drain. The long streams and WebSocket sessions take less. */
    private static final int DRAIN_SECONDS = 12;

    private static final long START_SECONDS = 60;

    private static final String STARTED = " started: ";

    private static final String SHORT_STREAMS =
            "{\"first-token-ms\":%d,\"first-token-sigma\":0.35,\"tokens\":10,\"between-tokens-ms\":5,\"health-ms\":%d}";

    /** A stream of six seconds. */
    private static final String LONG_STREAMS = "{\"first-token-ms\":50,\"tokens\":150,\"between-tokens-ms\":40}";

    private final Path folder;
    private final Children children;
    private final CrowflyCommand crowfly;
    private final List<Integer> ports = Ports.free(7);
    private final PrivateAuthority authority;
    private final Path conf;
    private Child balancer;
    private int started;

    private ReplaceTestBed(Path folder, Children children, CrowflyCommand crowfly)
            throws IOException, InterruptedException {
        this.folder = folder;
        this.children = children;
        this.crowfly = crowfly;
        authority = PrivateAuthority.create(Files.createDirectory(folder.resolve("conf")));
        authority.issueForLoopback();
        conf = folder.resolve("conf").resolve("crowfly.yaml");
        writeConf(0);
        startEndpoint("near", nearPort(), SHORT_STREAMS.formatted(120, 10));
        startEndpoint("far", farPort(), SHORT_STREAMS.formatted(160, 40));
        startEndpoint("long", longPort(), LONG_STREAMS);
        balancer = launch(List.of());
        balancer.awaitListening(port());
    }

    static ReplaceTestBed start(Path folder, Children children, CrowflyCommand crowfly)
            throws IOException, InterruptedException {
        return new ReplaceTestBed(folder, children, crowfly);
    }

    private void startEndpoint(String name, int endpointPort, String behaviour)
            throws IOException, InterruptedException {
        EndpointProcess.start(children, name, endpointPort, folder.resolve(name + ".log"));
        EndpointProcess.setBehaviour(endpointPort, behaviour);
    }

    int port() {
        return ports.get(0);
    }

    int tlsPort() {
        return ports.get(1);
    }

    private int adminPort() {
        return ports.get(2);
    }

    private int nearPort() {
        return ports.get(3);
    }

    private int farPort() {
        return ports.get(4);
    }

    private int longPort() {
        return ports.get(5);
    }

    int socketsPort() {
        return ports.get(6);
    }

    PrivateAuthority authority() {
        return authority;
    }

    private void writeConf(int change) throws IOException {
        Files.writeString(conf, """
                region: bench
                listeners:
                  - {name: plain, bind: "127.0.0.1:%d"}
                  - {name: tls, bind: "127.0.0.1:%d", tls: {certificates: [{cert: endpoint.crt, key: endpoint.key}]}}
                admin: {bind: "127.0.0.1:%d"}
                backends:
                  - {name: near, provider: openai, url: "http://127.0.0.1:%d", models: {chat: chat}}
                  - {name: far, provider: openai, url: "http://127.0.0.1:%d", models: {chat: chat}}
                  - {name: long, provider: openai, url: "http://127.0.0.1:%d", models: {long: long}}
                  - {name: sockets, provider: openai, url: "http://127.0.0.1:%d", models: {realtime: realtime}}
                routing:
                  rules:
                    - {when: {path: "/v1/models"}, only: {backends: [near, far]}}
                probes: {interval: 1s, http: {path: /health}}
                timeouts: {drain: %ds, first-byte: %ds}
                """.formatted(
                        port(),
                        tlsPort(),
                        adminPort(),
                        nearPort(),
                        farPort(),
                        longPort(),
                        socketsPort(),
                        DRAIN_SECONDS,
                        60 + change % 2));
    }

    private Child launch(List<String> more) throws IOException {
        List<String> command = new ArrayList<>(crowfly.withConf(conf));
        command.addAll(more);
        return children.start("crowfly", command, Map.of(), folder.resolve("crowfly" + started++ + ".log"));
    }

    /** Starts a process that replaces the present one, and waits until it has. */
    Child replace() throws IOException, InterruptedException {
        Child next = launch(List.of("--take-over", "127.0.0.1:" + adminPort()));
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (!next.output().contains(STARTED)) {
            if (!next.isAlive() || System.nanoTime() > deadline) {
                throw new IOException("a new process did not take over:\n" + next.output());
            }
            Thread.sleep(10);
        }
        Child old = balancer;
        balancer = next;
        return old;
    }

    /** Waits for the end of a replaced process. Returns whether it has ended as it should. */
    static boolean endsWell(Child old) throws IOException, InterruptedException {
        return old.process().waitFor(DRAIN_SECONDS + 5, TimeUnit.SECONDS)
                && old.process().exitValue() == 0
                && old.output().contains("drained");
    }

    /** Changes the conf and reloads it. Returns whether the reload was successful. */
    boolean reload(int number) throws IOException {
        writeConf(number);
        try (HttpCall call = HttpCall.connect(adminPort())) {
            OutputStream none = call.post("/reload", "text/plain", OptionalLong.of(0));
            none.close();
            return call.status() == 200;
        }
    }
}

package io.crowfly.bench.attack;

import io.crowfly.bench.endpoint.EndpointProcess;
import io.crowfly.bench.load.AdminClient;
import io.crowfly.bench.peers.NginxBackend;
import io.crowfly.bench.process.Children;
import io.crowfly.bench.process.Children.Child;
import io.crowfly.bench.process.Cores;
import io.crowfly.bench.process.CrowflyCommand;
import io.crowfly.bench.process.Jcmd;
import io.crowfly.bench.process.Ports;
import io.crowfly.bench.process.Programs;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Processes of a run: the balancer on one core; its backends on the core of this JVM, which also runs the clients.
 *
 * @param listener port for clients
 * @param backend port of one of the two backends of the good clients
 * @param heapBytes limit of the balancer's heap
 * @param directBytes limit of the balancer's direct memory
 */
record TestBed(
        int listener,
        int backend,
        AdminClient admin,
        Child balancer,
        Children children,
        long heapBytes,
        long directBytes) {

    /** Model of the backend that sends a few tokens per second, so that a client can close while it waits for them. */
    static final String SLOW_MODEL = "slow";

    private static final String SLOW_SCRIPT = "{\"tokens\":10,\"first-token-ms\":100,\"between-tokens-ms\":50}";

    private static final Pattern MAX_HEAP = Pattern.compile("\\bMaxHeapSize\\s*=\\s*(\\d+)");
    private static final Pattern MAX_DIRECT = Pattern.compile("\\bMaxDirectMemorySize\\s*=\\s*(\\d+)");

    static TestBed start(AttackPlan plan, Programs programs, Children children, Path folder, CrowflyCommand crowfly)
            throws IOException, InterruptedException {
        // Processes that this JVM starts inherit its core.
        children.pinSelf(Cores.LOAD_CORE);
        List<Integer> ports = Ports.free(5);
        for (int port : ports.subList(0, 2)) {
            Path backend = Files.createDirectory(folder.resolve("backend-" + port));
            children.start("backend", NginxBackend.prepare(programs, backend, port), Map.of(), backend.resolve("log"))
                    .awaitListening(port);
        }
        EndpointProcess.start(children, "slow", ports.get(2), folder.resolve("slow.log"));
        EndpointProcess.setBehaviour(ports.get(2), SLOW_SCRIPT);
        Child balancer = children.start(
                "crowfly",
                Cores.PROXY_CORE,
                crowfly.withConf(Files.writeString(folder.resolve("crowfly.yaml"), conf(plan, ports))),
                Map.of("CROWFLY_JAVA_OPTS", plan.javaOptions()),
                folder.resolve("crowfly.log"));
        balancer.awaitListening(ports.get(3));
        String flags = new Jcmd(children, balancer, folder).run("VM.flags -all");
        long heapBytes = flag(MAX_HEAP, flags);
        long directBytes = flag(MAX_DIRECT, flags);
        // 0 means that the limit of the heap applies.
        return new TestBed(
                ports.get(3),
                ports.get(0),
                new AdminClient(ports.get(4)),
                balancer,
                children,
                heapBytes,
                directBytes == 0 ? heapBytes : directBytes);
    }

    private static String conf(AttackPlan plan, List<Integer> ports) {
        return """
                region: bench
                listeners:
                  - {name: clients, bind: "127.0.0.1:%d"}
                admin: {bind: "127.0.0.1:%d"}
                backends:
                  - {name: one, provider: openai, url: "http://127.0.0.1:%d", models: [gpt-4o]}
                  - {name: two, provider: openai, url: "http://127.0.0.1:%d", models: [gpt-4o]}
                  - {name: slow, provider: openai, url: "http://127.0.0.1:%d", models: [%s]}
                probes: {interval: 1s, tcp: {}}
                limits: %s
                """.formatted(
                ports.get(3), ports.get(4), ports.get(0), ports.get(1), ports.get(2), SLOW_MODEL, plan.limits());
    }

    /** Returns the value of a JVM flag. */
    private static long flag(Pattern flag, String flags) throws IOException {
        Matcher matcher = flag.matcher(flags);
        if (!matcher.find()) {
            throw new IOException("the JVM reports no " + flag);
        }
        return Long.parseLong(matcher.group(1));
    }

    /**
     * Lets good clients and backends run first on the core that they share with the attackers. On the internet,
     * attackers do not slow down clients either.
     */
    void lowerPriority(EventLoop attackers) throws IOException, InterruptedException {
        Path thread = attackers
                .submit(() -> Files.readSymbolicLink(Path.of("/proc/thread-self")))
                .syncUninterruptibly()
                .getNow();
        children.lowerPriority(thread.getFileName().toString());
    }

    /** Returns the maximum of the balancer's resident memory, as counted by the kernel; 0 if the process has ended. */
    long peakResidentBytes() throws IOException {
        if (!balancer.isAlive()) {
            return 0;
        }
        Path status = Path.of("/proc/" + balancer.process().pid() + "/status");
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")) * 1024)
                .findFirst()
                .orElse(0);
    }
}

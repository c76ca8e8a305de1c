package io.crowfly.bench.bodies;

import io.crowfly.bench.endpoint.EndpointSpec;
import io.crowfly.bench.endpoint.SimulatedEndpoint;
import io.crowfly.bench.endpoint.dialect.EndpointDialect;
import io.crowfly.bench.load.AdminClient;
import io.crowfly.bench.memory.MemoryMonitor;
import io.crowfly.bench.process.Children;
import io.crowfly.bench.process.Children.Child;
import io.crowfly.bench.process.CrowflyCommand;
import io.crowfly.bench.process.Jcmd;
import io.crowfly.bench.process.Ports;
import io.crowfly.bench.process.Programs;
import io.crowfly.bench.process.RunFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Run of {@code bench bodies}: starts endpoints and balancer, sends the bodies, and measures the balancer's memory. */
final class BodiesRun {

    /**
     * Model name at each backend, by the backend's name. One is shorter and one longer than the client's, so that the
     * body's length must be corrected.
     */
    static final Map<String, String> MODELS = Map.of("one", "o", "two", "gpt-4o-westeurope-reserved");

    private static final String WARM_UP = "warm-up";

    /** Size of a warm-up body. The buffers that such small bodies leave in Netty's pools are negligible. */
    private static final long WARM_UP_BYTES = 16 * 1024;

    private static final int WARM_UP_ROUNDS = 20;

    private static final Duration HEALTHY_TIMEOUT = Duration.ofSeconds(30);

    private final Programs programs;
    private final CrowflyCommand crowfly;
    private final PrintWriter progress;

    BodiesRun(Programs programs, CrowflyCommand crowfly, PrintWriter progress) {
        this.programs = programs;
        this.crowfly = crowfly;
        this.progress = progress;
    }

    /**
     * Figures of one run of {@code bench bodies}.
     *
     * @param uploads the uploads, one element for each framing
     * @param restBytes resident memory after the warm-up with small bodies
     * @param peakBytes maximum of resident memory, as counted by the kernel
     * @param heldBytes maximum of held memory that the balancer reported
     * @param heapBytes heap in use at each sample, in the order of time
     * @param samples resident memory at each sample
     * @param flags flags of the balancer's JVM
     * @param log log of the balancer
     */
    record Result(
            MemoryBudget budget,
            List<Uploads> uploads,
            long restBytes,
            long peakBytes,
            long heldBytes,
            List<Long> heapBytes,
            List<MemoryMonitor.MemorySample> samples,
            String flags,
            String log) {}

    Result run(int clients, long bytes, MemoryBudget budget) throws IOException, InterruptedException {
        List<Integer> ports = Ports.free(2);
        try (RunFolder folder = RunFolder.create("bodies");
                SimulatedEndpoint one = SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.openai()));
                SimulatedEndpoint two = SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.openai()));
                Children children = new Children(programs)) {
            Path folderPath = folder.path();
            Path conf =
                    Files.writeString(folderPath.resolve("crowfly.yaml"), conf(ports, one.port(), two.port(), budget));
            Child balancer = children.start(
                    "crowfly",
                    crowfly.withConf(conf),
                    Map.of("CROWFLY_JAVA_OPTS", budget.javaOptions()),
                    folderPath.resolve("crowfly.log"));
            balancer.awaitListening(ports.get(0));
            AdminClient admin = new AdminClient(ports.get(1));
            awaitHealthy(admin);
            String flags = new Jcmd(children, balancer, folderPath).run("VM.flags");
            try (MemoryMonitor memoryMonitor = MemoryMonitor.start(children, balancer, folderPath, WARM_UP);
                    HeldBytesMonitor heldMonitor = HeldBytesMonitor.start(admin)) {
                for (int i = 0; i < WARM_UP_ROUNDS; i++) {
                    Uploads.sendConcurrently(clients, WARM_UP_BYTES, ports.get(0), i % 2 == 0, MODELS);
                }
                long rest = balancer.usage().residentBytes();
                List<Uploads> uploads = new ArrayList<>();
                for (boolean chunked : List.of(true, false)) {
                    memoryMonitor.phase(Uploads.framingName(chunked));
                    progress.printf("%d bodies, %s%n", clients, Uploads.framingName(chunked));
                    progress.flush();
                    uploads.add(Uploads.sendConcurrently(clients, bytes, ports.get(0), chunked, MODELS));
                }
                return new Result(
                        budget,
                        uploads,
                        rest,
                        memoryMonitor.peakResidentBytes(),
                        heldMonitor.maxBytes(),
                        memoryMonitor.heapBytes(),
                        memoryMonitor.samples(),
                        flags,
                        balancer.output());
            }
        }
    }

    private static String conf(List<Integer> ports, int one, int two, MemoryBudget budget) {
        String backend = "  - {name: %s, provider: openai, url: \"http://127.0.0.1:%d\", models: {%s: %s}}\n";
        return """
                region: bench
                listeners:
                  - {name: clients, bind: "127.0.0.1:%d"}
                admin: {bind: "127.0.0.1:%d"}
                probes: {interval: 1s, tcp: {}}
                routing: {policy: round-robin}
                # The last body waits until all others are forwarded.
                timeouts: {body: 5m}
                limits: {body-size: 64MiB, held-size: %dMiB, held-total: %dMiB}
                trace-decisions: true
                backends:
                """.formatted(ports.get(0), ports.get(1), budget.heldSizeMib(), budget.heldTotalMib())
                + backend.formatted("one", one, LargeChat.MODEL, MODELS.get("one"))
                + backend.formatted("two", two, LargeChat.MODEL, MODELS.get("two"));
    }

    private static void awaitHealthy(AdminClient admin) throws IOException, InterruptedException {
        for (long end = System.nanoTime() + HEALTHY_TIMEOUT.toNanos();
                admin.healthyBackends() < MODELS.size();
                Thread.sleep(20)) {
            if (System.nanoTime() > end) {
                throw new IOException("not all backends became healthy in time");
            }
        }
    }
}

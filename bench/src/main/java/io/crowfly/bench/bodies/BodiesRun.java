package io.crowfly.bench.bodies;

import io.crowfly.bench.endpoint.Dialect;
import io.crowfly.bench.endpoint.EndpointSpec;
import io.crowfly.bench.endpoint.SimulatedEndpoint;
import io.crowfly.bench.load.AdminClient;
import io.crowfly.bench.memory.MemoryWatch;
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

/** One run, from the start of the processes to the last look at them. */
final class BodiesRun {

    /** Each backend's name for the model, neither as long as the client's. */
    static final Map<String, String> MODELS = Map.of("one", "o", "two", "gpt-4o-westeurope-reserved");

    private static final String WARM_UP = "warm-up";

    /** So short that nothing of what the warm-up leaves in pools is worth counting. */
    private static final long WARM_BYTES = 16 * 1024;

    private static final int WARM_TIMES = 20;

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Programs programs;
    private final CrowflyCommand crowfly;
    private final PrintWriter progress;

    BodiesRun(Programs programs, CrowflyCommand crowfly, PrintWriter progress) {
        this.programs = programs;
        this.crowfly = crowfly;
        this.progress = progress;
    }

    /**
     * What came of it.
     *
     * @param restBytes resident memory when everything had been done once with small bodies
     * @param peakBytes the most that there ever was, by the kernel's count
     * @param heldBytes the most that the balancer has said that it held
     * @param heapBytes in use, from the first look to the last
     */
    record Result(
            Room room,
            List<Uploads> uploads,
            long restBytes,
            long peakBytes,
            long heldBytes,
            List<Long> heapBytes,
            List<MemoryWatch.Sample> samples,
            String flags,
            String log) {}

    Result run(int clients, long bytes, Room room) throws IOException, InterruptedException {
        List<Integer> ports = Ports.free(2);
        try (RunFolder folder = RunFolder.create("bodies");
                SimulatedEndpoint one = SimulatedEndpoint.open(EndpointSpec.of(Dialect.openai()));
                SimulatedEndpoint two = SimulatedEndpoint.open(EndpointSpec.of(Dialect.openai()));
                Children children = new Children(programs)) {
            Path own = folder.path();
            Path conf = Files.writeString(own.resolve("crowfly.yaml"), conf(ports, one.port(), two.port(), room));
            Child balancer = children.start(
                    "crowfly",
                    crowfly.on(conf),
                    Map.of("CROWFLY_JAVA_OPTS", room.javaOptions()),
                    own.resolve("crowfly.log"));
            balancer.awaitListening(ports.get(0));
            AdminClient admin = new AdminClient(ports.get(1));
            awaitHealthy(admin);
            String flags = new Jcmd(children, balancer, own).run("VM.flags");
            try (MemoryWatch watch = MemoryWatch.start(children, balancer, own, WARM_UP);
                    HeldWatch held = HeldWatch.start(admin)) {
                for (int i = 0; i < WARM_TIMES; i++) {
                    Uploads.atOnce(clients, WARM_BYTES, ports.get(0), i % 2 == 0, MODELS);
                }
                long rest = balancer.usage().residentBytes();
                List<Uploads> uploads = new ArrayList<>();
                for (boolean chunked : List.of(true, false)) {
                    watch.phase(Uploads.framing(chunked));
                    progress.printf("%d bodies, %s%n", clients, Uploads.framing(chunked));
                    progress.flush();
                    uploads.add(Uploads.atOnce(clients, bytes, ports.get(0), chunked, MODELS));
                }
                return new Result(
                        room,
                        uploads,
                        rest,
                        watch.peakResidentBytes(),
                        held.mostBytes(),
                        watch.heapBytes(),
                        watch.samples(),
                        flags,
                        balancer.output());
            }
        }
    }

    private static String conf(List<Integer> own, int one, int two, Room room) {
        String backend = "  - {name: %s, provider: openai, url: \"http://127.0.0.1:%d\", models: {%s: %s}}\n";
        return """
                region: bench
                listeners:
                  - {name: clients, bind: "127.0.0.1:%d"}
                admin: {bind: "127.0.0.1:%d"}
                probes: {interval: 1s, tcp: {}}
                routing: {policy: round-robin}
                # Who comes last has to wait for all others.
                timeouts: {body: 5m}
                limits: {body-size: 64MiB, held-size: %dMiB, held-total: %dMiB}
                trace-decisions: true
                backends:
                """.formatted(own.get(0), own.get(1), room.heldSize(), room.heldTotal())
                + backend.formatted("one", one, LongChat.MODEL, MODELS.get("one"))
                + backend.formatted("two", two, LongChat.MODEL, MODELS.get("two"));
    }

    private static void awaitHealthy(AdminClient admin) throws IOException, InterruptedException {
        for (long end = System.nanoTime() + PATIENCE.toNanos(); admin.healthy() < MODELS.size(); Thread.sleep(20)) {
            if (System.nanoTime() > end) {
                throw new IOException("not every backend becomes healthy");
            }
        }
    }
}

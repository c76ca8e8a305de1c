package io.crowfly.bench.memory;

import io.crowfly.bench.endpoint.EndpointProcess;
import io.crowfly.bench.load.AdminClient;
import io.crowfly.bench.process.Children;
import io.crowfly.bench.process.Children.Child;
import io.crowfly.bench.process.CrowflyCommand;
import io.crowfly.bench.process.Jcmd;
import io.crowfly.bench.process.Ports;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Run of {@code bench memory}: starts endpoint and balancer, performs all transfers, and samples the balancer's memory.
 */
final class MemoryRun {

    /**
     * Name of the first phase. It performs all kinds of transfers once, so that buffer pools are filled and code is
     * compiled.
     */
    static final String WARM_UP = "warm-up";

    static final String LARGE_BODIES = "large bodies";

    /**
     * Limit of the wait until no request is in flight. The balancer detects a disconnected client within a second, but
     * a busy machine is slower.
     */
    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(30);

    /**
     * Number of requests after a garbage collection. Netty reports leaks of collected buffers at later allocations, so
     * these requests allocate buffers.
     */
    private static final int CALLS_AFTER_GC = 200;

    /**
     * Behaviour of the endpoint: a token stream takes a minute, so that all clients disconnect in the middle of a
     * response. The rate of ten events per second is low, because the leak detector takes time for each event.
     */
    private static final String SCRIPT = "{\"tokens\":600,\"between-tokens-ms\":100}";

    private final PrintWriter progress;
    private final int listener;
    private final int endpoint;
    private final AdminClient admin;
    private final Child balancer;
    private final Jcmd jcmd;
    private final MemoryMonitor monitor;
    private final List<Transfer> transfers = new ArrayList<>();

    private MemoryRun(PrintWriter progress, List<Integer> ports, Child balancer, Jcmd jcmd, MemoryMonitor watch) {
        this.progress = progress;
        this.listener = ports.get(0);
        this.endpoint = ports.get(1);
        this.admin = new AdminClient(ports.get(2));
        this.balancer = balancer;
        this.jcmd = jcmd;
        this.monitor = watch;
    }

    /**
     * Figures of one run of {@code bench memory}.
     *
     * @param transfers the transfers of large bodies at full speed
     * @param samples resident memory of the balancer at each sample
     * @param peakResidentBytes maximum of resident memory, as counted by the kernel
     * @param heapBytes heap in use at each sample, in the order of time
     * @param slowClientBytes bytes that the slow client read
     * @param bytesAhead bytes sent that the slow endpoint had not read
     * @param slowIdleSeconds time until no request was in flight after the slow transfers; -1 if some still were
     * @param idleSeconds the same after a wave of disconnecting clients: the maximum of all waves
     * @param flags flags and command line of the balancer's JVM
     * @param log log of the balancer
     */
    record Result(
            List<Transfer> transfers,
            List<MemoryMonitor.MemorySample> samples,
            long peakResidentBytes,
            List<Long> heapBytes,
            long slowClientBytes,
            long bytesAhead,
            double slowIdleSeconds,
            int clientsPerWave,
            int waves,
            double idleSeconds,
            String flags,
            String log) {}

    static MemoryRun start(Children children, Path folder, CrowflyCommand crowfly, PrintWriter progress)
            throws IOException, InterruptedException {
        List<Integer> ports = Ports.free(3);
        EndpointProcess.start(children, "endpoint", ports.get(1), folder.resolve("endpoint.log"));
        EndpointProcess.setBehaviour(ports.get(1), SCRIPT);
        Path conf = Files.writeString(
                folder.resolve("crowfly.yaml"), """
                region: bench
                listeners:
                  - {name: clients, bind: "127.0.0.1:%d"}
                admin: {bind: "127.0.0.1:%d"}
                backends:
                  - {name: endpoint, provider: openai, url: "http://127.0.0.1:%d"}
                probes: {interval: 1s, tcp: {}}
                limits: {body-size: 4GiB}
                """.formatted(ports.get(0), ports.get(2), ports.get(1)));
        Child balancer = children.start(
                "crowfly",
                crowfly.withConf(conf),
                Map.of("CROWFLY_JAVA_OPTS", MemoryLimits.JAVA_OPTIONS),
                folder.resolve("crowfly.log"));
        balancer.awaitListening(ports.get(0));
        MemoryMonitor watch = MemoryMonitor.start(children, balancer, folder, WARM_UP);
        return new MemoryRun(progress, ports, balancer, new Jcmd(children, balancer, folder), watch);
    }

    /**
     * @param bytes size of a large body
     * @param warmUpBytes size of a body in the warm-up
     */
    Result run(long bytes, long warmUpBytes, int slowSeconds, int clientsPerWave, int waves)
            throws IOException, InterruptedException {
        try (monitor) {
            String flags = jcmd.run("VM.flags") + jcmd.run("VM.command_line");
            beginPhase(WARM_UP);
            transfer(warmUpBytes);
            connectAndDisconnect(clientsPerWave);
            connectAndDisconnect(clientsPerWave);
            reportLeaks();
            transfers.clear();

            SlowTransfers slow = SlowTransfers.start(listener, slowSeconds);
            beginPhase(LARGE_BODIES);
            transfer(bytes);
            beginPhase("slow transfers alone");
            long slowClientBytes = slow.bytesRead();
            long bytesAhead = slow.bytesAhead();
            double slowIdleSeconds = awaitIdle();
            double idleSeconds = 0;
            for (int wave = 0; wave < waves && idleSeconds >= 0; wave++) {
                beginPhase("clients that disconnect, wave " + (wave + 1));
                double seconds = connectAndDisconnect(clientsPerWave);
                idleSeconds = seconds < 0 ? seconds : Math.max(idleSeconds, seconds);
            }
            beginPhase("end");
            reportLeaks();
            return new Result(
                    List.copyOf(transfers),
                    monitor.samples(),
                    monitor.peakResidentBytes(),
                    monitor.heapBytes(),
                    slowClientBytes,
                    bytesAhead,
                    slowIdleSeconds,
                    clientsPerWave,
                    waves,
                    idleSeconds,
                    flags,
                    balancer.output());
        } catch (IOException failure) {
            List<Long> heap = monitor.heapBytes();
            long last = heap.isEmpty() ? 0 : heap.get(heap.size() - 1) / MemoryLimits.MIB;
            throw new IOException(
                    "%s%nThe balancer's heap had %d MiB in use. Its log:%n%s"
                            .formatted(failure.getMessage(), last, balancer.output()),
                    failure);
        }
    }

    private void beginPhase(String phase) throws IOException {
        monitor.phase(phase);
        progress.println(phase);
        progress.flush();
    }

    private void transfer(long bytes) throws IOException {
        transfers.add(Transfer.upload("up, content-length", listener, bytes, false));
        transfers.add(Transfer.upload("up, chunked", listener, bytes, true));
        transfers.add(Transfer.download("down", listener, bytes));
    }

    /**
     * Connects and disconnects clients. Returns the seconds until no request was in flight, or -1 if some still are
     * after a timeout.
     */
    private double connectAndDisconnect(int count) throws IOException, InterruptedException {
        DisconnectingClients clients = DisconnectingClients.connect(listener, count);
        clients.disconnect();
        return awaitIdle();
    }

    /**
     * Waits until neither balancer nor endpoint has a request in flight. Returns the waiting time in seconds, or -1
     * after a timeout.
     */
    private double awaitIdle() throws IOException, InterruptedException {
        long start = System.nanoTime();
        while (admin.inFlight() + EndpointProcess.inFlight(endpoint) > 0) {
            if (System.nanoTime() - start > IDLE_TIMEOUT.toNanos()) {
                progress.printf(
                        "in flight: %d at the balancer, %d at the endpoint%n",
                        admin.inFlight(), EndpointProcess.inFlight(endpoint));
                return -1;
            }
            Thread.sleep(10);
        }
        return (System.nanoTime() - start) / 1e9;
    }

    /**
     * Makes Netty's leak detector report all leaks: it reports a leaked buffer after a garbage collection, when another
     * buffer is allocated.
     */
    private void reportLeaks() throws IOException, InterruptedException {
        for (int i = 0; i < 2; i++) {
            jcmd.run("GC.run");
            for (int call = 0; call < CALLS_AFTER_GC; call++) {
                Transfer.download("small", listener, 1);
            }
        }
    }
}

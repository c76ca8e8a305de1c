package io.crowfly.bench.soak;

import io.crowfly.bench.load.OpenLoopClients;
import io.crowfly.bench.memory.MemoryMonitor;
import io.crowfly.bench.memory.MemoryMonitor.MemorySample;
import io.crowfly.bench.process.Children;
import io.crowfly.bench.process.CrowflyCommand;
import io.crowfly.bench.process.Machine;
import io.crowfly.bench.process.Programs;
import io.crowfly.bench.process.RunFolder;
import io.crowfly.bench.proof.Claim;
import io.crowfly.bench.proof.Proof;
import io.crowfly.bench.proof.ProofCommand;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** Command {@code crowfly bench soak}: mixed load for a long time, with reloads, killed backends and slow readers. */
public final class SoakBench {

    private static final OptionSpec SECONDS = ProofCommand.number("--seconds", 1200, "length of the run");
    private static final OptionSpec PERIOD =
            ProofCommand.number("--period", 30, "seconds from one reload and killed backend to the next");

    /** A rate that no balancer reaches, so that all connections are busy. */
    private static final int UNREACHABLE_RATE = 1_000_000;

    private static final double LOAD = 0.8;
    private static final int CONNECTIONS = 64;
    private static final int SLOW_READERS = 20;
    private static final int STREAMS = 50;
    private static final long SLOW_BYTES_PER_SECOND = 1024 * 1024;
    private static final Duration OPEN_TIMEOUT = Duration.ofSeconds(10);

    /** Time at the top rate, after as much warm-up. */
    private static final int TOP_SECONDS = 15;

    /** How long the killed backend is down. */
    private static final int DOWN_SECONDS = 5;

    /** Growth of the resident memory from the second fifth of the run to the last fifth, in MiB. */
    private static final long MAX_GROWTH_MIB = 16;

    private static final long MIB = 1024 * 1024;

    private SoakBench() {}

    public static CommandSpec spec() {
        return ProofCommand.spec(
                "soak",
                "Mixed load for 20 minutes, with reloads, killed backends, slow readers and token streams.",
                List.of("nginx"),
                List.of(SECONDS, PERIOD),
                SoakBench::run);
    }

    private static Proof run(ParseResult options, CrowflyCommand crowfly, Programs programs, PrintWriter progress)
            throws IOException, InterruptedException {
        int seconds = ProofCommand.value(options, SECONDS);
        int period = ProofCommand.value(options, PERIOD);
        Map<String, String> facts = Machine.facts();
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try (RunFolder folder = RunFolder.create("soak");
                Children children = new Children(programs)) {
            SoakTestBed testBed = new SoakTestBed(folder.path(), children, crowfly, programs);
            try (LargeReaders slow = new LargeReaders(testBed.port(), SLOW_READERS, SLOW_BYTES_PER_SECOND);
                    StreamReaders streams = new StreamReaders(testBed.port(), STREAMS);
                    SmallLoad load = SmallLoad.start(loop, testBed.port(), progress);
                    MemoryMonitor memory = MemoryMonitor.start(children, testBed.balancer(), folder.path(), "soak")) {
                OpenLoopClients small = load.clients();
                int perSecond = load.perSecond();
                Disturbances disturbances = disturb(testBed, seconds, period, progress);
                Histogram latencies = small.takeLatencies();
                long failedSmall = small.failed();
                small.close();
                slow.close();
                streams.close();
                List<Claim> claims = List.of(
                        Claim.zero("failed small requests of %,d".formatted(latencies.getTotalCount()), failedSmall),
                        Claim.zero("large responses without a head", slow.failed()),
                        Claim.atMost(
                                "large responses of %,d that were cut, by killed backends".formatted(slow.complete()),
                                (long) SLOW_READERS * disturbances.kills,
                                slow.cut(),
                                ""),
                        Claim.zero("token streams of %,d that failed".formatted(streams.complete()), streams.failed()),
                        Claim.equal("reloads", disturbances.reloads, disturbances.generations),
                        Claim.atMost(
                                "growth of the resident memory", MAX_GROWTH_MIB, growthMib(memory.samples()), " MiB"),
                        Claim.zero(
                                "requests in flight at the end", testBed.admin().inFlight()),
                        Claim.zero("held bytes at the end", testBed.admin().heldBytes()));
                return new Proof(
                        "Mixed load for a long time",
                        method(seconds, period, perSecond),
                        facts,
                        claims,
                        figures(latencies, memory.samples()));
            }
        } finally {
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    /** Small requests at {@link #LOAD} times the rate that is possible beside the other clients. */
    private record SmallLoad(OpenLoopClients clients, int perSecond) implements AutoCloseable {

        static SmallLoad start(EventLoopGroup loop, int port, PrintWriter progress)
                throws IOException, InterruptedException {
            int perSecond;
            try (OpenLoopClients busy = connect(loop, port, UNREACHABLE_RATE)) {
                TimeUnit.SECONDS.sleep(TOP_SECONDS);
                busy.takeLatencies();
                TimeUnit.SECONDS.sleep(TOP_SECONDS);
                perSecond = (int) (LOAD * busy.takeLatencies().getTotalCount() / TOP_SECONDS);
            }
            progress.printf("%,d requests per second%n", perSecond);
            progress.flush();
            return new SmallLoad(connect(loop, port, perSecond), perSecond);
        }

        private static OpenLoopClients connect(EventLoopGroup loop, int port, int perSecond)
                throws IOException, InterruptedException {
            OpenLoopClients clients = OpenLoopClients.open(loop.next(), port, "/small", CONNECTIONS, perSecond);
            if (!clients.awaitConnections(OPEN_TIMEOUT)) {
                clients.close();
                throw new IOException("the connections to the balancer could not be opened");
            }
            clients.start();
            return clients;
        }

        @Override
        public void close() {
            clients.close();
        }
    }

    /**
     * What was done to the balancer.
     *
     * @param generations number of confs that took effect
     */
    private record Disturbances(int kills, int reloads, long generations) {}

    private static Disturbances disturb(SoakTestBed testBed, int seconds, int period, PrintWriter progress)
            throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        long firstGeneration = testBed.admin().lastReload().generation();
        int rounds = 0;
        while (System.nanoTime() < end) {
            TimeUnit.SECONDS.sleep(Math.max(1, period - DOWN_SECONDS));
            testBed.edit();
            testBed.kill();
            TimeUnit.SECONDS.sleep(DOWN_SECONDS);
            testBed.restart();
            rounds++;
            progress.printf("%d reloads and killed backends%n", rounds);
            progress.flush();
        }
        TimeUnit.SECONDS.sleep(DOWN_SECONDS);
        return new Disturbances(rounds, rounds, testBed.admin().lastReload().generation() - firstGeneration);
    }

    private static long growthMib(List<MemorySample> samples) {
        int fifth = samples.size() / 5;
        long early = median(samples.subList(fifth, 2 * fifth));
        long late = median(samples.subList(samples.size() - fifth, samples.size()));
        return Math.max(0, late - early) / MIB;
    }

    private static long median(List<MemorySample> samples) {
        return MemoryMonitor.median(
                samples.stream().mapToLong(MemorySample::residentBytes).toArray());
    }

    private static String method(int seconds, int period, int perSecond) {
        return """
                %d clients send small requests at %,d per second for %d s, which is %.0f %% of the rate that is
                possible beside the other clients. %d more clients read responses of 10 MiB slowly, and %d read token streams. Every %d s the conf is reloaded
                and one of two backends with small and large responses is killed, and started again %d s later. All processes
                share the cores of the machine. The growth of the resident memory is the median of the last fifth of the run minus
                that of the second fifth.
                """.formatted(CONNECTIONS, perSecond, seconds, 100 * LOAD, SLOW_READERS, STREAMS, period, DOWN_SECONDS);
    }

    private static String figures(Histogram latencies, List<MemorySample> samples) {
        StringBuilder text = new StringBuilder("| fifth of the run | resident memory, median, MiB |\n|---|--:|\n");
        int fifth = samples.size() / 5;
        for (int i = 0; i < 5; i++) {
            text.append("| %d | %d |%n".formatted(i + 1, median(samples.subList(i * fifth, (i + 1) * fifth)) / MIB));
        }
        return text.append(String.format(
                        Locale.ROOT,
                        "%nSmall requests, from the time at which they were due: median %.1f ms, 99th percentile %.1f ms.%n",
                        latencies.getValueAtPercentile(50) / 1e6,
                        latencies.getValueAtPercentile(99) / 1e6))
                .toString();
    }
}

package io.crowfly.bench.connections;

import io.crowfly.bench.endpoint.tls.KeyPairFiles;
import io.crowfly.bench.endpoint.tls.PrivateAuthority;
import io.crowfly.bench.load.HttpCall;
import io.crowfly.bench.load.Wrk;
import io.crowfly.bench.peers.NginxBackend;
import io.crowfly.bench.process.Children;
import io.crowfly.bench.process.Children.Child;
import io.crowfly.bench.process.CrowflyCommand;
import io.crowfly.bench.process.Jcmd;
import io.crowfly.bench.process.Ports;
import io.crowfly.bench.process.Programs;
import io.crowfly.bench.process.RunFolder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Measurements of {@code bench connections}. Each one starts a new balancer in front of one nginx. */
final class ConnectionsRun {

    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    private static final long POLL_MILLIS = 5;

    private static final int WARM_UP_CONNECTIONS = 64;

    private static final int WARM_UP_SECONDS = 5;

    /** Time in which the balancer releases what it needed only to open the connections. */
    private static final Duration SETTLE_TIME = Duration.ofSeconds(2);

    private final Programs programs;
    private final CrowflyCommand crowfly;
    private final PrintWriter progress;

    ConnectionsRun(Programs programs, CrowflyCommand crowfly, PrintWriter progress) {
        this.programs = programs;
        this.crowfly = crowfly;
        this.progress = progress;
    }

    /**
     * Resident memory with idle connections.
     *
     * @param before bytes without connections
     * @param after bytes with connections
     * @param count number of connections
     * @param closed number of connections that the balancer closed
     */
    record Idle(long before, long after, int count, int closed) {

        /** Returns the bytes per connection. */
        double bytes() {
            return (double) (after - before) / count;
        }
    }

    record Busy(long residentBytes, double perSecond, long errors) {}

    /** A running balancer with one backend. */
    private record Running(Child balancer, int port, int adminPort) {

        boolean isReady() {
            try (HttpCall call = HttpCall.connect(adminPort)) {
                call.get("/readyz");
                return call.status() == 200;
            } catch (IOException notYet) {
                return false;
            }
        }

        void awaitReady() throws IOException, InterruptedException {
            long deadline = System.nanoTime() + START_LIMIT.toNanos();
            while (!isReady()) {
                if (!balancer.isAlive() || System.nanoTime() > deadline) {
                    throw new IOException("the balancer did not become ready:\n" + balancer.output());
                }
                Thread.sleep(POLL_MILLIS);
            }
        }
    }

    /** Returns the median time from the start of the process until it is ready, in seconds. */
    double medianStartSeconds(boolean secure, int starts) throws IOException, InterruptedException {
        double[] seconds = new double[starts];
        for (int i = 0; i < starts; i++) {
            try (RunFolder folder = RunFolder.create("connections");
                    Children children = new Children(programs)) {
                int backend = startBackend(children, folder.path());
                long start = System.nanoTime();
                startBalancer(children, folder.path(), secure, backend).awaitReady();
                seconds[i] = (System.nanoTime() - start) / 1e9;
                progress.printf("start%s: %.2f s%n", secure ? " with TLS" : "", seconds[i]);
                progress.flush();
            }
        }
        Arrays.sort(seconds);
        return seconds[starts / 2];
    }

    Idle idle(boolean secure, int count) throws IOException, InterruptedException {
        progress.printf("%,d idle connections%s%n", count, secure ? " with TLS" : "");
        progress.flush();
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try (RunFolder folder = RunFolder.create("connections");
                Children children = new Children(programs)) {
            int backend = startBackend(children, folder.path());
            Running running = startBalancer(children, folder.path(), secure, backend);
            running.awaitReady();
            warmUp(children, running, secure, folder.path());
            long before = residentAfterCollection(children, running, folder.path());
            try (IdleClients clients = new IdleClients(loop, secure)) {
                clients.open(running.port, count);
                Thread.sleep(SETTLE_TIME.toMillis());
                long after = residentAfterCollection(children, running, folder.path());
                return new Idle(before, after, count, count - clients.size());
            }
        } finally {
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    Busy busy(int connections, int seconds) throws IOException, InterruptedException {
        progress.printf("%,d busy connections%n", connections);
        progress.flush();
        try (RunFolder folder = RunFolder.create("connections");
                Children children = new Children(programs)) {
            int backend = startBackend(children, folder.path());
            Running running = startBalancer(children, folder.path(), false, backend);
            running.awaitReady();
            Wrk.Counts counts = load(children, running, false, connections, seconds, folder.path());
            return new Busy(
                    running.balancer.usage().residentBytes(), (double) counts.requests() / seconds, counts.errors());
        }
    }

    private void warmUp(Children children, Running running, boolean secure, Path folder)
            throws IOException, InterruptedException {
        load(children, running, secure, WARM_UP_CONNECTIONS, WARM_UP_SECONDS, folder);
        Thread.sleep(SETTLE_TIME.toMillis());
    }

    private Wrk.Counts load(
            Children children, Running running, boolean secure, int connections, int seconds, Path folder)
            throws IOException, InterruptedException {
        String address = (secure ? "https" : "http") + "://127.0.0.1:" + running.port + "/small";
        Child wrk = children.start(
                "wrk", Wrk.command(programs, connections, seconds, address), Map.of(), folder.resolve("wrk.log"));
        wrk.process().waitFor();
        return Wrk.parse(wrk.output());
    }

    private static long residentAfterCollection(Children children, Running running, Path folder)
            throws IOException, InterruptedException {
        new Jcmd(children, running.balancer, folder).run("GC.run");
        return running.balancer.usage().residentBytes();
    }

    private int startBackend(Children children, Path folder) throws IOException, InterruptedException {
        int port = Ports.free(1).get(0);
        Path own = Files.createDirectory(folder.resolve("backend"));
        children.start("backend", NginxBackend.prepare(programs, own, port), Map.of(), own.resolve("log"))
                .awaitListening(port);
        return port;
    }

    private Running startBalancer(Children children, Path folder, boolean secure, int backend) throws IOException {
        List<Integer> ports = Ports.free(2);
        String tls = "";
        if (secure) {
            KeyPairFiles files = PrivateAuthority.create(folder).issueForLoopback();
            tls = ", tls: {certificates: [{cert: %s, key: %s}]}".formatted(files.certificate(), files.key());
        }
        Path conf = Files.writeString(
                folder.resolve("crowfly.yaml"), """
                region: bench
                listeners: [{name: clients, bind: "127.0.0.1:%d"%s}]
                admin: {bind: "127.0.0.1:%d"}
                backends: [{name: one, provider: openai, url: "http://127.0.0.1:%d"}]
                probes: {tcp: {}, interval: 50ms}
                """.formatted(ports.get(0), tls, ports.get(1), backend));
        Child balancer = children.start("balancer", crowfly.withConf(conf), Map.of(), folder.resolve("balancer.log"));
        return new Running(balancer, ports.get(0), ports.get(1));
    }
}

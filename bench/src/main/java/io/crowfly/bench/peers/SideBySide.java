package io.crowfly.bench.peers;

import io.crowfly.bench.peers.Children.Child;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** One run: for each scenario, all proxies started, warmed up, and loaded in turn, round after round. */
final class SideBySide {

    /** A launcher may have to build first. */
    private static final Duration START_UP = Duration.ofMinutes(3);

    /** More than children and event loop are given to stop. */
    private static final Duration TIDYING = Duration.ofSeconds(10);

    private final Programs programs;
    private final List<Peer> peers;
    private final int rounds;
    private final int seconds;
    private final PrintWriter progress;

    SideBySide(Programs programs, List<Peer> peers, int rounds, int seconds, PrintWriter progress) {
        this.programs = programs;
        this.peers = peers;
        this.rounds = rounds;
        this.seconds = seconds;
        this.progress = progress;
    }

    /**
     * Runs the scenarios. Blocks for minutes.
     *
     * @return for each scenario, the rounds of each proxy by its name, in the order given
     * @throws IOException when a program doesn't start, dies, or answers nothing
     */
    Map<Scenario, Map<String, List<Sample>>> run(List<Scenario> scenarios) throws IOException, InterruptedException {
        Map<Scenario, Map<String, List<Sample>>> results = new EnumMap<>(Scenario.class);
        CountDownLatch tidy = endWithTheJvm();
        Path folder = Files.createTempDirectory("crowfly-peers");
        try {
            for (Scenario scenario : scenarios) {
                try (Children children = new Children(programs)) {
                    children.pinSelf(Cores.LOAD);
                    Path own = Files.createDirectory(folder.resolve(scenario.id()));
                    results.put(
                            scenario,
                            scenario == Scenario.SSE ? streams(children, own) : requests(children, scenario, own));
                }
            }
        } finally {
            delete(folder);
            tidy.countDown();
        }
        return results;
    }

    /** When the JVM is told to go, the run is interrupted, and the JVM stays until it has stopped its children. */
    private static CountDownLatch endWithTheJvm() {
        CountDownLatch tidy = new CountDownLatch(1);
        Thread run = Thread.currentThread();
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            run.interrupt();
                            try {
                                tidy.await(TIDYING.toSeconds(), TimeUnit.SECONDS);
                            } catch (InterruptedException hurried) {
                                Thread.currentThread().interrupt();
                            }
                        },
                        "end-run"));
        return tidy;
    }

    private Map<String, List<Sample>> requests(Children children, Scenario scenario, Path folder)
            throws IOException, InterruptedException {
        List<Integer> backends = Ports.free(2);
        for (int port : backends) {
            Path own = Files.createDirectory(folder.resolve("backend-" + port));
            List<String> command = NginxBackend.prepare(programs, own, port);
            awaitListening(children.start("backend", Cores.LOAD, command, Map.of(), own.resolve("log")), port);
        }
        return compare(children, scenario, folder, backends, new WrkLoad(programs, children, scenario, folder));
    }

    private Map<String, List<Sample>> streams(Children children, Path folder) throws IOException, InterruptedException {
        // One thread for backends and clients: they share one core anyway.
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try (EventStreamServer one = EventStreamServer.start(loop);
                EventStreamServer two = EventStreamServer.start(loop)) {
            Load load = new StreamLoad(loop, Scenario.SSE.connections(), Scenario.SSE.path());
            return compare(children, Scenario.SSE, folder, List.of(one.port(), two.port()), load);
        } finally {
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    private Map<String, List<Sample>> compare(
            Children children, Scenario scenario, Path folder, List<Integer> backends, Load load)
            throws IOException, InterruptedException {
        List<Running> proxies = new ArrayList<>();
        List<Integer> ports = Ports.free(peers.size());
        for (Peer peer : peers) {
            proxies.add(start(children, peer, scenario, folder, ports.get(proxies.size()), backends));
        }
        for (Running proxy : proxies) {
            progress.printf("%s: warming up %s%n", scenario.id(), proxy.peer.name());
            progress.flush();
            drive(load, proxy, proxy.peer.warmUpSeconds());
        }
        Map<String, List<Sample>> samples = new LinkedHashMap<>();
        for (int round = 1; round <= rounds; round++) {
            for (Running proxy : proxies) {
                Sample sample = drive(load, proxy, seconds);
                samples.computeIfAbsent(proxy.peer.name(), name -> new ArrayList<>())
                        .add(sample);
                progress.printf(
                        "%s: round %d of %d, %-8s %,10.1f µs/%s %,10.0f/s%s%n",
                        scenario.id(),
                        round,
                        rounds,
                        proxy.peer.name(),
                        sample.cost(),
                        scenario.unit(),
                        sample.perSecond(),
                        sample.errors() == 0 ? "" : ", " + sample.errors() + " errors");
                progress.flush();
            }
        }
        return samples;
    }

    private Running start(
            Children children, Peer peer, Scenario scenario, Path folder, int port, List<Integer> backends)
            throws IOException, InterruptedException {
        Path own = Files.createDirectory(folder.resolve(peer.name()));
        Path conf = Files.writeString(own.resolve(peer.name() + ".conf"), peer.conf(scenario, own, port, backends));
        Child child = children.start(
                peer.name(), Cores.PROXY, peer.command(programs, conf), peer.environment(), own.resolve("log"));
        awaitListening(child, port);
        return new Running(peer, child, port);
    }

    private static Sample drive(Load load, Running proxy, int seconds) throws IOException, InterruptedException {
        try {
            return load.drive(proxy.child, proxy.port, seconds);
        } catch (IOException failure) {
            throw new IOException(
                    "%s failed under load: %s%n%s"
                            .formatted(proxy.peer.name(), failure.getMessage(), proxy.child.output()),
                    failure);
        }
    }

    private static void awaitListening(Child child, int port) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + START_UP.toNanos();
        while (!accepts(port)) {
            if (!child.isAlive() || System.nanoTime() > deadline) {
                throw new IOException("%s did not start:%n%s".formatted(child.name(), child.output()));
            }
            Thread.sleep(20);
        }
    }

    private static boolean accepts(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        }
    }

    private record Running(Peer peer, Child child, int port) {}
}

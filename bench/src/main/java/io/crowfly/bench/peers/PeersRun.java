package io.crowfly.bench.peers;

import io.crowfly.bench.endpoint.EndpointSpec;
import io.crowfly.bench.endpoint.SimulatedEndpoint;
import io.crowfly.bench.endpoint.dialect.EndpointDialect;
import io.crowfly.bench.peers.PeerScenario.Generator;
import io.crowfly.bench.process.Children;
import io.crowfly.bench.process.Children.Child;
import io.crowfly.bench.process.Cores;
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
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Run of {@code bench peers}: for each scenario, starts all proxies, warms them up, and loads them in turn, round after
 * round.
 */
public final class PeersRun {

    private final Programs programs;
    private final List<Peer> peers;
    private final int rounds;
    private final int seconds;
    private final PrintWriter progress;

    /**
     * @param peers each with a unique name; a round loads them in this order
     * @param seconds duration of the load on each peer in a round
     */
    public PeersRun(Programs programs, List<Peer> peers, int rounds, int seconds, PrintWriter progress) {
        this.programs = programs;
        this.peers = peers;
        this.rounds = rounds;
        this.seconds = seconds;
        this.progress = progress;
    }

    /**
     * Runs the scenarios. Blocks for minutes.
     *
     * @return for each scenario, the rounds of each proxy by its name, in the given order
     * @throws IOException if a program does not start, ends, or sends no response
     */
    Map<PeerScenario, Map<String, List<ProxySample>>> run(List<PeerScenario> scenarios)
            throws IOException, InterruptedException {
        Map<PeerScenario, Map<String, List<ProxySample>>> results = new EnumMap<>(PeerScenario.class);
        for (PeerScenario scenario : scenarios) {
            results.put(scenario, run(scenario));
        }
        return results;
    }

    /**
     * Runs one scenario with newly started processes. Blocks for minutes.
     *
     * @return the rounds of each proxy by its name
     * @throws IOException if a program does not start, ends, or sends no response
     */
    public Map<String, List<ProxySample>> run(PeerScenario scenario) throws IOException, InterruptedException {
        try (RunFolder folder = RunFolder.create("peers");
                Children children = new Children(programs)) {
            children.pinSelf(Cores.LOAD_CORE);
            Optional<TlsFiles> tls =
                    scenario.secureClients() ? Optional.of(TlsFiles.create(scenario.rsa())) : Optional.empty();
            if (scenario.generator() == Generator.STREAMS) {
                return streams(children, folder.path());
            } else if (scenario.uploadMebibytes() > 0) {
                return uploads(children, scenario, folder.path());
            }
            return requests(children, scenario, folder.path(), tls);
        }
    }

    private Map<String, List<ProxySample>> requests(
            Children children, PeerScenario scenario, Path folder, Optional<TlsFiles> tls)
            throws IOException, InterruptedException {
        List<Integer> backends = Ports.free(2);
        for (int port : backends) {
            Path folderPath = Files.createDirectory(folder.resolve("backend-" + port));
            if (tls.isPresent()) {
                tls.get().writeTo(folderPath);
            }
            List<String> command = NginxBackend.prepare(programs, folderPath, port, scenario.secureBackends());
            children.start("backend", Cores.LOAD_CORE, command, Map.of(), folderPath.resolve("log"))
                    .awaitListening(port);
        }
        return switch (scenario.generator()) {
            case HANDSHAKES ->
                compare(
                        children,
                        scenario,
                        folder,
                        backends,
                        tls,
                        new HandshakeLoad(programs, children, scenario.path(), folder));
            case OPEN_LOOP -> {
                EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
                try {
                    yield compare(children, scenario, folder, backends, tls, new OpenLoopLoad(loop, scenario));
                } finally {
                    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
                }
            }
            default ->
                compare(children, scenario, folder, backends, tls, new WrkLoad(programs, children, scenario, folder));
        };
    }

    /** Runs a scenario with uploads. nginx would respond before it has read the body, so the backends are others. */
    private Map<String, List<ProxySample>> uploads(Children children, PeerScenario scenario, Path folder)
            throws IOException, InterruptedException {
        EndpointSpec spec = EndpointSpec.of(EndpointDialect.openai());
        try (SimulatedEndpoint one = SimulatedEndpoint.open(spec);
                SimulatedEndpoint two = SimulatedEndpoint.open(spec)) {
            ProxyLoad load = new WrkLoad(programs, children, scenario, folder);
            return compare(children, scenario, folder, List.of(one.port(), two.port()), Optional.empty(), load);
        }
    }

    private Map<String, List<ProxySample>> streams(Children children, Path folder)
            throws IOException, InterruptedException {
        // Backends and clients share one thread, because they are pinned to the same core.
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try (EventStreamServer one = EventStreamServer.start(loop);
                EventStreamServer two = EventStreamServer.start(loop)) {
            ProxyLoad load = new StreamLoad(loop, PeerScenario.SSE.connections(), PeerScenario.SSE.path());
            return compare(children, PeerScenario.SSE, folder, List.of(one.port(), two.port()), Optional.empty(), load);
        } finally {
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    private Map<String, List<ProxySample>> compare(
            Children children,
            PeerScenario scenario,
            Path folder,
            List<Integer> backends,
            Optional<TlsFiles> tls,
            ProxyLoad load)
            throws IOException, InterruptedException {
        List<Running> proxies = new ArrayList<>();
        List<Integer> ports = Ports.free(peers.size());
        for (Peer peer : peers) {
            proxies.add(start(children, peer, scenario, folder, ports.get(proxies.size()), backends, tls));
        }
        for (Running proxy : proxies) {
            progress.printf("%s: warming up %s%n", scenario.id(), proxy.peer.name());
            progress.flush();
            drive(load, proxy, proxy.peer.warmUpSeconds());
        }
        Map<String, List<ProxySample>> samples = new LinkedHashMap<>();
        for (int round = 1; round <= rounds; round++) {
            for (Running proxy : proxies) {
                ProxySample sample = drive(load, proxy, seconds);
                samples.computeIfAbsent(proxy.peer.name(), name -> new ArrayList<>())
                        .add(sample);
                progress.printf(
                        "%s: round %d of %d, %-13s %,9.1f µs/%s %,10.0f/s%s%n",
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
            Children children,
            Peer peer,
            PeerScenario scenario,
            Path folder,
            int port,
            List<Integer> backends,
            Optional<TlsFiles> tls)
            throws IOException, InterruptedException {
        Path folderPath = Files.createDirectory(folder.resolve(peer.name()));
        if (tls.isPresent()) {
            tls.get().writeTo(folderPath);
        }
        Path conf = Files.writeString(
                folderPath.resolve(peer.name() + ".conf"), peer.conf(scenario, folderPath, port, backends));
        Child child = children.start(
                peer.name(),
                Cores.PROXY_CORE,
                peer.command(programs, conf),
                peer.environment(),
                folderPath.resolve("log"));
        child.awaitListening(port);
        return new Running(peer, child, port);
    }

    private static ProxySample drive(ProxyLoad load, Running proxy, int seconds)
            throws IOException, InterruptedException {
        try {
            return load.drive(proxy.child, proxy.port, seconds);
        } catch (IOException failure) {
            throw new IOException(
                    "%s failed under load: %s%n%s"
                            .formatted(proxy.peer.name(), failure.getMessage(), proxy.child.output()),
                    failure);
        }
    }

    private record Running(Peer peer, Child child, int port) {}
}

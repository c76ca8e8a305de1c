package io.crowfly.bench.peers;

import io.crowfly.bench.load.OpenLoopClients;
import io.crowfly.bench.process.Children;
import io.crowfly.bench.process.ProcessUsage;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.time.Duration;
import org.HdrHistogram.Histogram;

/**
 * Load generator of {@code bench peers} with a constant rate, whatever the proxy's speed. A latency counts from the
 * time at which the request was due, so that a pause of the proxy counts for all requests that it delays (no
 * coordinated omission).
 */
final class OpenLoopLoad implements ProxyLoad {

    private static final Duration OPEN_TIMEOUT = Duration.ofSeconds(10);

    /** Load before the measurement of each round, in which the connections and the rate become steady. */
    private static final Duration SETTLE_TIME = Duration.ofSeconds(1);

    private static final double P99 = 99;

    private final EventLoopGroup loop;
    private final PeerScenario scenario;

    OpenLoopLoad(EventLoopGroup loop, PeerScenario scenario) {
        this.loop = loop;
        this.scenario = scenario;
    }

    @Override
    public ProxySample drive(Children.Child proxy, int port, int seconds) throws IOException, InterruptedException {
        try (OpenLoopClients clients = OpenLoopClients.open(
                loop.next(), port, scenario.path(), scenario.connections(), scenario.perSecond())) {
            if (!clients.awaitConnections(OPEN_TIMEOUT)) {
                throw new IOException("the connections to the proxy could not be opened");
            }
            clients.start();
            Thread.sleep(SETTLE_TIME.toMillis());
            clients.takeLatencies();
            ProcessUsage before = proxy.usage();
            long start = System.nanoTime();
            Thread.sleep(Duration.ofSeconds(seconds).toMillis());
            Histogram latencies = clients.takeLatencies();
            double elapsedSeconds = (System.nanoTime() - start) / 1e9;
            ProcessUsage after = proxy.usage();
            if (latencies.getTotalCount() == 0) {
                throw new IOException("no response was received");
            }
            return new ProxySample(
                    latencies.getTotalCount(),
                    after.cpuMicros() - before.cpuMicros(),
                    elapsedSeconds,
                    after.residentBytes(),
                    clients.failed(),
                    0,
                    latencies.getValueAtPercentile(P99) / 1e6);
        }
    }
}

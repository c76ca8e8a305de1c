package io.crowfly.bench.peers;

import io.crowfly.bench.process.Children;
import io.crowfly.bench.process.ProcessUsage;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.time.Duration;

/**
 * Load generator of {@code bench peers} with long-lived streams of small events. All streams are opened before the
 * measurement begins, so that only events are measured.
 */
final class StreamLoad implements ProxyLoad {

    private static final Duration OPEN_TIMEOUT = Duration.ofSeconds(10);

    /**
     * Time between opening the streams and the measurement. Meanwhile the rate becomes steady, and the proxy closes the
     * streams of the previous round.
     */
    private static final Duration SETTLE_TIME = Duration.ofMillis(500);

    private final EventLoopGroup loop;
    private final int streams;
    private final String path;

    StreamLoad(EventLoopGroup loop, int streams, String path) {
        this.loop = loop;
        this.streams = streams;
        this.path = path;
    }

    @Override
    public ProxySample drive(Children.Child proxy, int port, int seconds) throws IOException, InterruptedException {
        try (EventStreamClients clients = EventStreamClients.open(loop, port, path, streams)) {
            long deadline = System.nanoTime() + OPEN_TIMEOUT.toNanos();
            while (clients.streaming() < streams && System.nanoTime() < deadline) {
                Thread.sleep(10);
            }
            long missing = streams - clients.streaming();
            if (missing == streams) {
                throw new IOException("no stream was opened");
            }
            Thread.sleep(SETTLE_TIME.toMillis());
            ProcessUsage before = proxy.usage();
            long events = clients.events();
            long reads = clients.reads();
            long start = System.nanoTime();
            Thread.sleep(Duration.ofSeconds(seconds).toMillis());
            double elapsedSeconds = (System.nanoTime() - start) / 1e9;
            events = clients.events() - events;
            reads = clients.reads() - reads;
            ProcessUsage after = proxy.usage();
            if (events == 0) {
                throw new IOException("no event was received");
            }
            return new ProxySample(
                    events,
                    after.cpuMicros() - before.cpuMicros(),
                    elapsedSeconds,
                    after.residentBytes(),
                    missing + clients.failed(),
                    reads,
                    0);
        }
    }
}

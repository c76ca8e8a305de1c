package io.crowfly.bench.endpoint;

import io.crowfly.bench.endpoint.fixture.PreparedResponse;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelConfig;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;

/**
 * Service of the simulated endpoint for {@code POST …/sink}: counts the body's bytes and responds
 * {@code {"bytes":N,"crc32c":"…"}}. With {@code ?rate=BYTES} the service reads at most that many bytes per second.
 */
final class SinkService implements EndpointService {

    private final EndpointExchange exchange;
    private final OptionalLong rate;
    private final CRC32C crc = new CRC32C();
    private final long start = System.nanoTime();
    private long bytes;

    private SinkService(EndpointExchange exchange, OptionalLong rate) {
        this.exchange = exchange;
        this.rate = rate;
    }

    /** Returns a service for this request; empty if its {@code rate} is invalid. */
    static Optional<EndpointService> open(EndpointExchange exchange) {
        OptionalLong rate = BlobService.parameter(exchange, "rate");
        boolean wrong = exchange.uri.parameters().containsKey("rate") && rate.orElse(0) == 0;
        return wrong ? Optional.empty() : Optional.of(new SinkService(exchange, rate));
    }

    @Override
    public void receiveBody(ByteBuf chunk) {
        bytes += chunk.readableBytes();
        for (ByteBuffer part : chunk.nioBuffers()) {
            crc.update(part);
        }
        if (rate.isPresent()) {
            long due = (long) ((double) bytes / rate.getAsLong() * TimeUnit.SECONDS.toNanos(1));
            long early = due - (System.nanoTime() - start);
            if (early > 0) {
                ChannelConfig config = exchange.context().channel().config();
                config.setAutoRead(false);
                exchange.schedule(early, () -> config.setAutoRead(true));
            }
        }
    }

    @Override
    public void requestComplete() {
        exchange.context().channel().config().setAutoRead(true);
        exchange.respond(
                PreparedResponse.json(200, "{\"bytes\":" + bytes + ",\"crc32c\":\"" + BlobBytes.hex(crc) + "\"}"));
    }
}

package io.crowfly.bench.endpoint;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Service of the simulated endpoint for {@code GET …/blob?size=N}: sends N bytes of {@link BlobBytes}, no faster than
 * the client reads.
 */
final class BlobService implements EndpointService {

    private static final ByteBuf PERIOD = Unpooled.unreleasableBuffer(
                    Unpooled.directBuffer(BlobBytes.PERIOD).writeBytes(BlobBytes.period()))
            .asReadOnly();

    private final EndpointExchange exchange;
    private long remaining;
    private boolean started;

    private BlobService(EndpointExchange exchange, long size) {
        this.exchange = exchange;
        this.remaining = size;
    }

    /** Returns a service for this request; empty if its query has no {@code size}. */
    static Optional<EndpointService> open(EndpointExchange exchange) {
        OptionalLong size = parameter(exchange, "size");
        return size.isPresent() ? Optional.of(new BlobService(exchange, size.getAsLong())) : Optional.empty();
    }

    /** Returns a query parameter as a number of bytes; empty if the parameter is absent, not a number or negative. */
    static OptionalLong parameter(EndpointExchange exchange, String name) {
        List<String> values = exchange.uri.parameters().getOrDefault(name, List.of());
        return !values.isEmpty() && values.get(0).matches("\\d{1,18}")
                ? OptionalLong.of(Long.parseLong(values.get(0)))
                : OptionalLong.empty();
    }

    @Override
    public void requestComplete() {
        DefaultHttpHeaders headers = new DefaultHttpHeaders();
        headers.set(HttpHeaderNames.CONTENT_TYPE, "application/octet-stream");
        exchange.startResponse(HttpResponseStatus.OK, headers, OptionalLong.of(remaining));
        started = true;
        if (exchange.request.method().equals(HttpMethod.HEAD)) {
            remaining = 0;
        }
        writable();
    }

    @Override
    public void writable() {
        if (!started || exchange.isEnded()) {
            return;
        }
        while (remaining > 0 && exchange.writable()) {
            int length = (int) Math.min(BlobBytes.PERIOD, remaining);
            remaining -= length;
            exchange.send(PERIOD.slice(0, length));
        }
        exchange.flush();
        if (remaining == 0 && !exchange.isEnded()) {
            exchange.finishResponse();
        }
    }
}

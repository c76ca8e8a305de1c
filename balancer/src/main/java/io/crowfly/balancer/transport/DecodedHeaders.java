package io.crowfly.balancer.transport;

import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpHeadersFactory;
import io.netty.handler.codec.http.TooLongHttpHeaderException;

/**
 * Headers or trailers as a decoder fills them, at most {@value #MAX_HEADERS}. The limit of their size alone would not
 * limit memory: a header of four bytes needs 100 bytes of heap.
 */
final class DecodedHeaders extends HeaderList {

    /** Twice what Apache and Envoy accept by default. */
    static final int MAX_HEADERS = 200;

    private DecodedHeaders(DefaultHttpHeadersFactory rules) {
        super(rules);
    }

    /** Returns a factory of headers with Netty's rules for names and values. */
    static HttpHeadersFactory headers() {
        return new Factory(DefaultHttpHeadersFactory.headersFactory());
    }

    /** Returns a factory of trailers with Netty's rules for names and values. */
    static HttpHeadersFactory trailers() {
        return new Factory(DefaultHttpHeadersFactory.trailersFactory());
    }

    /** Called by Netty's decoder, which reports the exception as an invalid message. */
    @Override
    public HttpHeaders add(CharSequence name, Object value) {
        if (size() >= MAX_HEADERS) {
            throw new TooLongHttpHeaderException("more than " + MAX_HEADERS + " headers");
        }
        return super.add(name, value);
    }

    private record Factory(DefaultHttpHeadersFactory rules) implements HttpHeadersFactory {

        @Override
        public HttpHeaders newHeaders() {
            return new DecodedHeaders(rules);
        }

        @Override
        public HttpHeaders newEmptyHeaders() {
            return newHeaders();
        }
    }
}

package io.crowfly.conf;

import java.time.Duration;
import java.util.Set;

/**
 * How a backend is probed.
 *
 * @param interval between the starts of two probes, before jitter
 * @param timeout of one probe as a whole
 * @param healthyAfter successes in a row that make an unhealthy backend healthy
 * @param unhealthyAfter failures in a row that make a healthy backend unhealthy
 */
public record Probe(Duration interval, Duration timeout, int healthyAfter, int unhealthyAfter, Kind kind) {

    /** What a probe does. */
    public sealed interface Kind {

        /** Connects. */
        record Tcp() implements Kind {}

        /** Connects and completes a TLS handshake. */
        record Tls() implements Kind {}

        /**
         * Asks {@code GET path} of the backend itself (the path is not rewritten) and waits for the first byte.
         *
         * @param expect the status codes that count as success
         * @param reuseConnection whether the next probe goes over this one's connection, so that only the first byte is timed
         */
        record Http(String path, Set<Integer> expect, boolean reuseConnection) implements Kind {
            public Http {
                expect = Set.copyOf(expect);
            }
        }

        /** Asks for a streamed completion of one token and waits for the first event that carries content. */
        record Inference(String model, boolean reuseConnection) implements Kind {}
    }
}

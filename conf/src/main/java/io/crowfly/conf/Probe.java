package io.crowfly.conf;

import java.time.Duration;
import java.util.Set;

/**
 * Settings of the health probes that Crowfly sends to one backend ({@code probes}).
 *
 * @param interval between the starts of two probes, before jitter
 * @param timeout limit for one whole probe
 * @param healthyAfter successes in a row that make an unhealthy backend healthy
 * @param unhealthyAfter failures in a row that make a healthy backend unhealthy
 */
public record Probe(Duration interval, Duration timeout, int healthyAfter, int unhealthyAfter, Kind kind) {

    /** Kind of a probe: which connection or request a probe makes. */
    public sealed interface Kind {

        /** Probe that opens a TCP connection. */
        record Tcp() implements Kind {}

        /** Probe that opens a TCP connection and completes a TLS handshake. */
        record Tls() implements Kind {}

        /**
         * Probe that sends {@code GET path} to the backend, without a change of the path, and measures the time to the
         * first byte.
         *
         * @param expect the status codes that count as success
         * @param reuseConnection whether the next probe uses the same connection, so that the probe's time excludes the
         *     handshake
         */
        record Http(String path, Set<Integer> expect, boolean reuseConnection) implements Kind {
            public Http {
                expect = Set.copyOf(expect);
            }
        }

        /**
         * Probe that requests a streamed completion of one token and measures the time to the first event with content.
         *
         * @param model name of the model that the probe requests
         * @param reuseConnection whether the next probe uses the same connection, so that the probe's time excludes the
         *     handshake
         */
        record Inference(String model, boolean reuseConnection) implements Kind {}
    }
}

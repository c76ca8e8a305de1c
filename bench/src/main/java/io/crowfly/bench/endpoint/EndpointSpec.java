package io.crowfly.bench.endpoint;

import java.util.Optional;

/**
 * What an endpoint is opened with.
 *
 * @param port 0 for any
 * @param tls the certificate to show; empty for plain HTTP
 * @param threads event loops; one is enough for a test
 */
public record EndpointSpec(
        Dialect dialect, String host, int port, Optional<KeyPairFiles> tls, Behaviour behaviour, int threads) {

    /** On the loopback address, on any port, plain, and prompt. */
    public static EndpointSpec of(Dialect dialect) {
        return new EndpointSpec(dialect, "127.0.0.1", 0, Optional.empty(), Behaviour.prompt(), 1);
    }

    public EndpointSpec withPort(int number) {
        return new EndpointSpec(dialect, host, number, tls, behaviour, threads);
    }

    public EndpointSpec withHost(String name) {
        return new EndpointSpec(dialect, name, port, tls, behaviour, threads);
    }

    public EndpointSpec withTls(KeyPairFiles certificate) {
        return new EndpointSpec(dialect, host, port, Optional.of(certificate), behaviour, threads);
    }

    public EndpointSpec withBehaviour(Behaviour start) {
        return new EndpointSpec(dialect, host, port, tls, start, threads);
    }

    public EndpointSpec withThreads(int count) {
        return new EndpointSpec(dialect, host, port, tls, behaviour, count);
    }
}

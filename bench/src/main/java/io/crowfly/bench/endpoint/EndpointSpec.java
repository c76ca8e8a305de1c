package io.crowfly.bench.endpoint;

import java.util.Optional;
import java.util.function.Consumer;

/**
 * What an endpoint is opened with.
 *
 * @param port 0 for any
 * @param tls the certificate to show; empty for plain HTTP
 * @param threads event loops; one is enough for a test
 * @param witness is told of each request that is no health probe as its head comes in, on one of the event loops
 */
public record EndpointSpec(
        Dialect dialect,
        String host,
        int port,
        Optional<KeyPairFiles> tls,
        Behaviour behaviour,
        int threads,
        Consumer<Seen.Request> witness) {

    /** On the loopback address, on any port, plain, and prompt. */
    public static EndpointSpec of(Dialect dialect) {
        return new EndpointSpec(dialect, "127.0.0.1", 0, Optional.empty(), Behaviour.prompt(), 1, request -> {});
    }

    public EndpointSpec withPort(int number) {
        return new EndpointSpec(dialect, host, number, tls, behaviour, threads, witness);
    }

    public EndpointSpec withHost(String name) {
        return new EndpointSpec(dialect, name, port, tls, behaviour, threads, witness);
    }

    public EndpointSpec withTls(KeyPairFiles certificate) {
        return new EndpointSpec(dialect, host, port, Optional.of(certificate), behaviour, threads, witness);
    }

    public EndpointSpec withBehaviour(Behaviour start) {
        return new EndpointSpec(dialect, host, port, tls, start, threads, witness);
    }

    public EndpointSpec withThreads(int count) {
        return new EndpointSpec(dialect, host, port, tls, behaviour, count, witness);
    }

    public EndpointSpec withWitness(Consumer<Seen.Request> told) {
        return new EndpointSpec(dialect, host, port, tls, behaviour, threads, told);
    }
}

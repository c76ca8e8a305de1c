package io.crowfly.bench.endpoint;

import io.crowfly.bench.endpoint.behaviour.Behaviour;
import io.crowfly.bench.endpoint.dialect.EndpointDialect;
import io.crowfly.bench.endpoint.tls.KeyPairFiles;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongToDoubleFunction;

/**
 * Specification of a simulated endpoint: everything that is needed to open it.
 *
 * @param dialect the provider's paths and response forms
 * @param host the address to bind
 * @param port 0 for any free port
 * @param tls the server's certificate; empty for plain HTTP
 * @param behaviour the behaviour at the start
 * @param threads number of event loops; one is enough for a test
 * @param loadFactor factor on the time to the first token, by the number of requests in flight, this one included
 * @param requestListener receives the head of each request that is not a health check, on one of the event loops
 */
public record EndpointSpec(
        EndpointDialect dialect,
        String host,
        int port,
        Optional<KeyPairFiles> tls,
        Behaviour behaviour,
        int threads,
        LongToDoubleFunction loadFactor,
        Consumer<EndpointStatistics.ReceivedRequest> requestListener) {

    /**
     * Returns a specification with the address 127.0.0.1, any free port, plain HTTP and {@link Behaviour#immediate}.
     */
    public static EndpointSpec of(EndpointDialect dialect) {
        return new EndpointSpec(
                dialect, "127.0.0.1", 0, Optional.empty(), Behaviour.immediate(), 1, inFlight -> 1, request -> {});
    }

    public EndpointSpec withPort(int number) {
        return new EndpointSpec(dialect, host, number, tls, behaviour, threads, loadFactor, requestListener);
    }

    public EndpointSpec withHost(String name) {
        return new EndpointSpec(dialect, name, port, tls, behaviour, threads, loadFactor, requestListener);
    }

    public EndpointSpec withTls(KeyPairFiles certificate) {
        return new EndpointSpec(
                dialect, host, port, Optional.of(certificate), behaviour, threads, loadFactor, requestListener);
    }

    public EndpointSpec withBehaviour(Behaviour initial) {
        return new EndpointSpec(dialect, host, port, tls, initial, threads, loadFactor, requestListener);
    }

    public EndpointSpec withThreads(int count) {
        return new EndpointSpec(dialect, host, port, tls, behaviour, count, loadFactor, requestListener);
    }

    public EndpointSpec withLoadFactor(LongToDoubleFunction factor) {
        return new EndpointSpec(dialect, host, port, tls, behaviour, threads, factor, requestListener);
    }

    public EndpointSpec withRequestListener(Consumer<EndpointStatistics.ReceivedRequest> listener) {
        return new EndpointSpec(dialect, host, port, tls, behaviour, threads, loadFactor, listener);
    }
}

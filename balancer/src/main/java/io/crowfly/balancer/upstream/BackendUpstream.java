package io.crowfly.balancer.upstream;

import io.crowfly.balancer.attempt.Upstream;
import io.crowfly.balancer.attempt.UpstreamEvents;
import io.crowfly.balancer.attempt.UpstreamFailure;
import io.crowfly.balancer.credential.AttachedCredential;
import io.crowfly.balancer.credential.CredentialSource;
import io.crowfly.balancer.credential.Credentials;
import io.crowfly.balancer.provider.Dialect;
import io.crowfly.balancer.upstream.Connector.Connected;
import io.crowfly.conf.Backend;
import io.crowfly.conf.Credential;
import io.crowfly.conf.value.SecretSource;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * One backend as one conf describes it, with its connection pools, through which attempts and probes open connections.
 * The pools may be older than the conf.
 */
public final class BackendUpstream implements Upstream {

    private final Backend backend;
    private final Dialect dialect;
    private final CredentialSource credential;
    private final BackendPools pools;
    private final Duration connectTimeout;
    private final BackendCounts counts;

    BackendUpstream(
            Backend backend,
            Credentials credentials,
            BackendPools pools,
            Duration connectTimeout,
            BackendCounts counts) {
        this.backend = backend;
        this.dialect = Dialect.of(backend, secrets(backend, credentials));
        this.credential = credentials.source(backend.credential());
        this.pools = pools;
        this.connectTimeout = connectTimeout;
        this.counts = counts;
    }

    /**
     * Returns a lookup of the current values of secret headers. Their sources are found once here, so that no request
     * needs to find them. After a reload, exchanges under the old conf still get the last values.
     */
    private static Function<SecretSource, String> secrets(Backend backend, Credentials credentials) {
        Map<SecretSource, CredentialSource> sources = new HashMap<>();
        for (SecretSource secret : backend.headers().set().values()) {
            sources.put(secret, credentials.source(new Credential.ApiKey(secret)));
        }
        return secret ->
                sources.get(secret).current() instanceof AttachedCredential.Header header ? header.value() : "";
    }

    @Override
    public Backend backend() {
        return backend;
    }

    @Override
    public Dialect dialect() {
        return dialect;
    }

    @Override
    public CredentialSource credential() {
        return credential;
    }

    @Override
    public void open(int loop, boolean fresh, UpstreamEvents events) {
        pools.poolOf(loop).open(fresh, connectTimeout, events);
    }

    @Override
    public boolean isWarm(int loop) {
        return pools.poolOf(loop).hasIdle();
    }

    @Override
    public void openAhead(int loop) {
        if (backend.tls() && !pools.loopAt(loop).isShuttingDown()) {
            ConnectionPool pool = pools.poolOf(loop);
            pools.loopAt(loop).execute(() -> pool.openAhead(connectTimeout));
        }
    }

    /**
     * Opens a connection and closes it at once, for a probe.
     *
     * @param tls whether to include the TLS handshake, if the URL is {@code https}
     * @param whenConnected receives the times, on the event loop
     * @param whenFailed receives the failure, on the event loop
     */
    public void connectOnly(
            int loop,
            boolean tls,
            Duration timeout,
            Consumer<ConnectTimes> whenConnected,
            Consumer<UpstreamFailure> whenFailed) {
        Consumer<Connected> closeAndReport = connected -> {
            connected.channel().close();
            whenConnected.accept(new ConnectTimes(connected.connectNanos(), connected.tlsNanos()));
        };
        if (tls) {
            pools.connector().connect(pools.loopAt(loop), timeout, closeAndReport, whenFailed);
        } else {
            pools.connector().connectPlain(pools.loopAt(loop), timeout, closeAndReport, whenFailed);
        }
    }

    /**
     * Times to open one connection.
     *
     * @param tlsNanos 0 without TLS
     */
    public record ConnectTimes(long connectNanos, long tlsNanos) {}

    @Override
    public void onAttemptStart() {
        counts.inFlight().increment();
    }

    @Override
    public void onAttemptEnd() {
        counts.inFlight().decrement();
    }

    @Override
    public void onAttemptFailure() {
        counts.failures().increment();
    }

    @Override
    public long failures() {
        return counts.failures().sum();
    }

    @Override
    public long inFlight() {
        return counts.inFlight().sum();
    }
}

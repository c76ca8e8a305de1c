package io.crowfly.balancer.provider;

import io.crowfly.conf.Backend;
import io.crowfly.conf.BackendHeaders;
import io.crowfly.conf.Credential;
import io.crowfly.conf.Models;
import io.crowfly.conf.Probe;
import io.crowfly.conf.Provider;
import io.crowfly.conf.value.Glob;
import io.crowfly.conf.value.Secret;
import io.crowfly.conf.value.SecretFile;
import io.crowfly.conf.value.SecretSource;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Factory of dialects for tests. The backends differ only in what a test needs. */
final class TestDialects {

    static final SecretFile SECRET_FILE = new SecretFile(Path.of("key"));

    private TestDialects() {}

    static Dialect dialect(Provider provider, String url) {
        return dialect(provider, url, BackendHeaders.NONE);
    }

    static Dialect dialect(Provider provider, String url, BackendHeaders headers) {
        Probe probe = new Probe(Duration.ofSeconds(1), Duration.ofSeconds(1), 1, 1, new Probe.Kind.Tcp());
        Backend backend = new Backend(
                "a",
                provider,
                URI.create(url),
                "",
                1,
                Map.of(),
                new Credential.None(),
                Models.ALL,
                probe,
                Optional.empty(),
                headers);
        return Dialect.of(backend, source -> source.equals(SECRET_FILE) ? "of the file" : "");
    }

    static BackendHeaders setting(String name, SecretSource value) {
        return new BackendHeaders(Map.of(name, value), List.of());
    }

    static BackendHeaders setting(String name, String value) {
        return setting(name, new Secret(value));
    }

    static BackendHeaders passing(String glob) {
        return new BackendHeaders(Map.of(), List.of(new Glob(glob)));
    }
}

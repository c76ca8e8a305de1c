package io.crowfly.probes;

import io.crowfly.conf.Backend;
import io.crowfly.conf.BackendHeaders;
import io.crowfly.conf.Credential;
import io.crowfly.conf.Models;
import io.crowfly.conf.Probe;
import io.crowfly.conf.Provider;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Backends to probe, and their variants after a reload. */
final class TestBackends {

    static final Duration INTERVAL = Duration.ofSeconds(1);
    static final Duration TIMEOUT = Duration.ofMillis(800);

    private TestBackends() {}

    static Backend backend(String name) {
        return backendAt(name, "https://" + name + ".example");
    }

    /** Healthy after 2, unhealthy after 3. */
    static Probe probe(Probe.Kind kind) {
        return new Probe(INTERVAL, TIMEOUT, 2, 3, kind);
    }

    static Backend backendAt(String name, String url) {
        Probe probe = probe(new Probe.Kind.Http("/health", Set.of(200), true));
        return new Backend(
                name,
                new Provider.OpenAi(),
                URI.create(url),
                "westeurope",
                1,
                Map.of(),
                new Credential.None(),
                Models.ALL,
                probe,
                Optional.empty(),
                BackendHeaders.NONE);
    }

    static Backend with(Backend b, Probe probe) {
        return new Backend(
                b.name(),
                b.provider(),
                b.url(),
                b.region(),
                b.tier(),
                b.labels(),
                b.credential(),
                b.models(),
                probe,
                b.ca(),
                b.headers());
    }

    static Backend with(Backend b, Map<String, String> models) {
        return new Backend(
                b.name(),
                b.provider(),
                b.url(),
                b.region(),
                b.tier(),
                b.labels(),
                b.credential(),
                new Models(models),
                b.probe(),
                b.ca(),
                b.headers());
    }

    static Backend with(Backend b, Credential credential) {
        return new Backend(
                b.name(),
                b.provider(),
                b.url(),
                b.region(),
                b.tier(),
                b.labels(),
                credential,
                b.models(),
                b.probe(),
                b.ca(),
                b.headers());
    }
}

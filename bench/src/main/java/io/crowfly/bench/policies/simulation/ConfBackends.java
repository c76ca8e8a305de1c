package io.crowfly.bench.policies.simulation;

import io.crowfly.bench.policies.scenario.Scenario;
import io.crowfly.conf.Backend;
import io.crowfly.conf.BackendHeaders;
import io.crowfly.conf.Credential;
import io.crowfly.conf.Models;
import io.crowfly.conf.Probe;
import io.crowfly.conf.Provider;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Converter from a scenario's backends to backends of a conf, because policies get the conf's type. */
final class ConfBackends {

    /** Defaults of {@code healthy-after} and {@code unhealthy-after} in the conf. */
    private static final int HEALTHY_AFTER = 2;

    private static final int UNHEALTHY_AFTER = 3;

    private ConfBackends() {}

    static List<Backend> of(Scenario scenario) {
        Probe probe = probe(scenario);
        return scenario.backends().stream()
                .map(backend -> new Backend(
                        backend.name(),
                        provider(backend),
                        URI.create("https://" + backend.name() + ".example"),
                        backend.region(),
                        backend.tier(),
                        Map.of(),
                        new Credential.None(),
                        Models.ALL,
                        probe,
                        Optional.empty(),
                        BackendHeaders.NONE))
                .toList();
    }

    private static Probe probe(Scenario scenario) {
        Probe.Kind kind = scenario.probes()
                .model()
                .<Probe.Kind>map(model ->
                        new Probe.Kind.Inference(scenario.models().get(model).name(), true))
                .orElse(new Probe.Kind.Http("/health", Set.of(200), true));
        return new Probe(
                Duration.ofNanos(scenario.probes().intervalNanos()),
                Duration.ofNanos(scenario.probes().timeoutNanos()),
                HEALTHY_AFTER,
                UNHEALTHY_AFTER,
                kind);
    }

    private static Provider provider(Scenario.Backend backend) {
        return switch (backend.cloud()) {
            case AZURE -> new Provider.Azure();
            case GOOGLE -> new Provider.Google("simulated", backend.region());
            case OPENAI -> new Provider.OpenAi();
        };
    }
}

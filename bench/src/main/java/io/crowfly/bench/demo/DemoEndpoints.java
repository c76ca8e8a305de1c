package io.crowfly.bench.demo;

import io.crowfly.bench.endpoint.EndpointSpec;
import io.crowfly.bench.endpoint.SimulatedEndpoint;
import io.crowfly.bench.endpoint.behaviour.Behaviour;
import io.crowfly.bench.endpoint.behaviour.Delay;
import io.crowfly.bench.endpoint.dialect.AccessPolicy;
import io.crowfly.bench.endpoint.dialect.EndpointDialect;
import io.crowfly.conf.Backend;
import io.crowfly.conf.Credential;
import io.crowfly.conf.Provider;
import io.crowfly.conf.value.Secret;
import io.crowfly.conf.value.SecretSource;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Simulated endpoints of the demo: one for each backend of the conf, at its address and with its dialect, credential
 * and model names.
 */
final class DemoEndpoints implements AutoCloseable {

    /**
     * Median times to the first token of the backends, in the order of the conf. They differ like those of clouds at
     * different distances.
     */
    private static final long[] FIRST_TOKEN_MILLIS = {40, 60, 90};

    /** Sigma of the log-normal times: single responses differ, but too little to change the order of the backends. */
    private static final double SIGMA = 0.08;

    private final Map<String, SimulatedEndpoint> endpoints = new LinkedHashMap<>();
    private final Map<String, Behaviour> normalBehaviour = new LinkedHashMap<>();

    static DemoEndpoints open(List<Backend> backends) throws IOException {
        DemoEndpoints all = new DemoEndpoints();
        try {
            for (int i = 0; i < backends.size(); i++) {
                Backend backend = backends.get(i);
                Behaviour behaviour = behaviour(FIRST_TOKEN_MILLIS[i % FIRST_TOKEN_MILLIS.length], i);
                all.normalBehaviour.put(backend.name(), behaviour);
                all.endpoints.put(
                        backend.name(),
                        SimulatedEndpoint.open(EndpointSpec.of(dialect(backend))
                                .withHost(backend.host())
                                .withPort(backend.port())
                                .withBehaviour(behaviour)));
            }
            return all;
        } catch (IOException e) {
            all.close();
            throw e;
        }
    }

    /**
     * Returns the behaviour of an endpoint with this median time. Health checks take as long as a first token, because
     * distance and load would delay both.
     */
    private static Behaviour behaviour(long millis, int seed) {
        Duration median = Duration.ofMillis(millis);
        return Behaviour.immediate()
                .withFirstToken(new Delay.LogNormal(median, SIGMA, seed))
                .withHealth(new Delay.LogNormal(median, SIGMA, seed));
    }

    private static EndpointDialect dialect(Backend backend) {
        AccessPolicy policy = accessPolicy(backend);
        if (backend.provider() instanceof Provider.Azure) {
            return EndpointDialect.azure(policy);
        } else if (backend.provider() instanceof Provider.Google google) {
            return EndpointDialect.vertex(policy, google.project(), google.location(), google.endpoint());
        } else if (backend.provider() instanceof Provider.Gemini) {
            return EndpointDialect.gemini(policy);
        }
        return EndpointDialect.openai(
                policy, ((Provider.OpenAi) backend.provider()).basePath().orElse("/v1"));
    }

    /**
     * Returns an access policy that requires the backend's credential and its own model names. Requests with the
     * client's credential or model name get an error.
     */
    private static AccessPolicy accessPolicy(Backend backend) {
        AccessPolicy policy = AccessPolicy.open()
                .withModels(
                        backend.models().names().values().stream().distinct().toArray(String[]::new));
        if (backend.credential() instanceof Credential.ApiKey key) {
            return policy.withApiKey(secret(key.key()));
        }
        return backend.credential() instanceof Credential.Bearer bearer
                ? policy.withBearer(secret(bearer.token()))
                : policy;
    }

    private static String secret(SecretSource source) {
        return source instanceof Secret secret ? secret.reveal() : "";
    }

    List<String> names() {
        return List.copyOf(endpoints.keySet());
    }

    SimulatedEndpoint get(String name) {
        SimulatedEndpoint endpoint = endpoints.get(name);
        if (endpoint == null) {
            throw new IllegalArgumentException("no endpoint " + name);
        }
        return endpoint;
    }

    /** Returns the median time to the first token of a backend that is not slowed, in milliseconds. */
    long normalMillis(String name) {
        return ((Delay.LogNormal) normalBehaviour.get(name).firstToken())
                .median()
                .toMillis();
    }

    void slow(String name, double factor) {
        get(name).setBehaviour(normalBehaviour.get(name).slower(factor));
    }

    void restore(String name) {
        get(name).setBehaviour(normalBehaviour.get(name));
    }

    @Override
    public void close() {
        endpoints.values().forEach(SimulatedEndpoint::close);
    }
}

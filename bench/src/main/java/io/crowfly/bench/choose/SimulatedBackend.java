package io.crowfly.bench.choose;

import io.crowfly.bench.endpoint.behaviour.Behaviour;
import io.crowfly.bench.endpoint.behaviour.Delay;
import io.crowfly.bench.endpoint.dialect.EndpointDialect;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.LongToDoubleFunction;

/**
 * Simulated endpoint of {@code bench choose}, with its line in the balancer's conf.
 *
 * @param name name of the backend
 * @param cloud its provider
 * @param tier its tier in the conf
 * @param labels labels for routing rules
 * @param models models that the conf lists; empty for a backend that serves every model
 * @param normalBehaviour the behaviour outside of disturbances
 * @param loadFactor factor on the time to the first token, by the number of requests in flight
 */
record SimulatedBackend(
        String name,
        Cloud cloud,
        int tier,
        Map<String, String> labels,
        List<String> models,
        Behaviour normalBehaviour,
        LongToDoubleFunction loadFactor) {

    /** Sigma of the log-normal time to the first token, as measured for small models. */
    private static final double SIGMA = 0.35;

    private static final String CREDENTIAL = "bench-key";

    /** Provider of a simulated backend: the dialect of the endpoint, and its keys in the conf. */
    enum Cloud {
        AZURE(EndpointDialect.azure(CREDENTIAL), "credential: {api-key: " + CREDENTIAL + "}"),
        GOOGLE(
                EndpointDialect.google(CREDENTIAL),
                "project: bench, location: europe-west4, credential: {bearer: " + CREDENTIAL + "}"),
        OPENAI(EndpointDialect.openai(), "credential: {bearer: " + CREDENTIAL + "}");

        final EndpointDialect dialect;
        final String confKeys;

        /** @param confKeys the keys that the conf of this provider's backends needs */
        Cloud(EndpointDialect dialect, String keys) {
            this.dialect = dialect;
            this.confKeys = keys;
        }
    }

    /**
     * Creates a backend of tier 1. Its responses have one token, so that an outage truncates no response: the balancer
     * can't retry a truncated response.
     *
     * @param firstTokenMillis median time to the first token; health checks succeed at once, because a cloud's front
     *     end responds to them
     */
    static SimulatedBackend create(String name, Cloud cloud, long firstTokenMillis) {
        // The name is the seed, so that two endpoints do not get the same sequence of times.
        Delay firstToken = new Delay.LogNormal(Duration.ofMillis(firstTokenMillis), SIGMA, name.hashCode());
        return new SimulatedBackend(
                name,
                cloud,
                1,
                Map.of(),
                List.of(),
                Behaviour.immediate().withFirstToken(firstToken).withTokens(1),
                inFlight -> 1);
    }

    SimulatedBackend withTier(int number) {
        return new SimulatedBackend(name, cloud, number, labels, models, normalBehaviour, loadFactor);
    }

    SimulatedBackend withLabels(Map<String, String> all) {
        return new SimulatedBackend(name, cloud, tier, all, models, normalBehaviour, loadFactor);
    }

    SimulatedBackend withModels(List<String> all) {
        return new SimulatedBackend(name, cloud, tier, labels, all, normalBehaviour, loadFactor);
    }

    /**
     * Returns the same backend with streams of several tokens, and with a time to the first token that grows with load.
     */
    SimulatedBackend withLoad(int tokens, Duration betweenTokens, LongToDoubleFunction factor) {
        Behaviour behaviour = normalBehaviour.withTokens(tokens).withBetweenTokens(betweenTokens);
        return new SimulatedBackend(name, cloud, tier, labels, models, behaviour, factor);
    }

    /** Returns the backend's line in the conf. */
    String conf(int port) {
        return "  - {name: %s, provider: %s, url: \"http://127.0.0.1:%d\", tier: %d, headers: {pass: [x-kind, x-id]}, %s%s%s}\n"
                .formatted(name, cloud.dialect.name(), port, tier, labelsKey(), modelsKey(), cloud.confKeys);
    }

    private String modelsKey() {
        return models.isEmpty() ? "" : "models: %s, ".formatted(models);
    }

    private String labelsKey() {
        return labels.isEmpty()
                ? ""
                : "labels: %s, ".formatted(labels.toString().replace("=", ": "));
    }
}

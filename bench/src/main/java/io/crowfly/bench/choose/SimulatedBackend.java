package io.crowfly.bench.choose;

import io.crowfly.bench.endpoint.behaviour.Behaviour;
import io.crowfly.bench.endpoint.behaviour.Delay;
import io.crowfly.bench.endpoint.dialect.Dialect;
import java.time.Duration;
import java.util.Map;

/**
 * A backend of a run: a simulated endpoint, and what the conf says of it.
 *
 * @param labels for rules
 * @param normalBehaviour in ordinary times
 */
record SimulatedBackend(String name, Cloud cloud, int tier, Map<String, String> labels, Behaviour normalBehaviour) {

    /** Of the underlying normal distribution, as small models are seen to have it. */
    private static final double SIGMA = 0.35;

    private static final String CREDENTIAL = "bench-key";

    /** Whose dialect it speaks. */
    enum Cloud {
        AZURE(Dialect.azure(CREDENTIAL), "credential: {api-key: " + CREDENTIAL + "}"),
        GOOGLE(
                Dialect.google(CREDENTIAL),
                "project: bench, location: europe-west4, credential: {bearer: " + CREDENTIAL + "}"),
        OPENAI(Dialect.openai(), "credential: {bearer: " + CREDENTIAL + "}");

        final Dialect dialect;
        final String confKeys;

        /** @param keys of a backend in the conf that this provider wants */
        Cloud(Dialect dialect, String keys) {
            this.dialect = dialect;
            this.confKeys = keys;
        }
    }

    /**
     * Answers of one token, so that an outage never finds one in its middle, which nobody could mend.
     *
     * @param firstTokenMillis in the median; health answers come at once, as a front door's do
     */
    static SimulatedBackend create(String name, Cloud cloud, long firstTokenMillis) {
        // Seeded by the name, so that no two endpoints are slow in the same moments.
        Delay firstToken = new Delay.LogNormal(Duration.ofMillis(firstTokenMillis), SIGMA, name.hashCode());
        return new SimulatedBackend(
                name,
                cloud,
                1,
                Map.of(),
                Behaviour.immediate().withFirstToken(firstToken).withTokens(1));
    }

    SimulatedBackend withTier(int number) {
        return new SimulatedBackend(name, cloud, number, labels, normalBehaviour);
    }

    SimulatedBackend withLabels(Map<String, String> all) {
        return new SimulatedBackend(name, cloud, tier, all, normalBehaviour);
    }

    /** The line of the conf. */
    String conf(int port) {
        return "  - {name: %s, provider: %s, url: \"http://127.0.0.1:%d\", tier: %d, %s%s}\n"
                .formatted(name, cloud.dialect.name(), port, tier, labelsKey(), cloud.confKeys);
    }

    private String labelsKey() {
        return labels.isEmpty()
                ? ""
                : "labels: %s, ".formatted(labels.toString().replace("=", ": "));
    }
}

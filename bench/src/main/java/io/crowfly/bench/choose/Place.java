package io.crowfly.bench.choose;

import io.crowfly.bench.endpoint.Behaviour;
import io.crowfly.bench.endpoint.Delay;
import io.crowfly.bench.endpoint.Dialect;
import java.time.Duration;
import java.util.Map;

/**
 * A backend of a run: a simulated endpoint, and what the conf says of it.
 *
 * @param labels for rules
 * @param behaviour in ordinary times
 */
record Place(String name, Cloud cloud, int tier, Map<String, String> labels, Behaviour behaviour) {

    /** Of the underlying normal distribution, as small models are seen to have it. */
    private static final double SIGMA = 0.35;

    private static final String SECRET = "bench-key";

    /** Whose dialect it speaks. */
    enum Cloud {
        AZURE(Dialect.azure(SECRET), "credential: {api-key: " + SECRET + "}"),
        GOOGLE(Dialect.google(SECRET), "project: bench, location: europe-west4, credential: {bearer: " + SECRET + "}"),
        OPENAI(Dialect.openai(), "credential: {bearer: " + SECRET + "}");

        final Dialect dialect;
        final String keys;

        /** @param keys of a backend in the conf that this provider wants */
        Cloud(Dialect dialect, String keys) {
            this.dialect = dialect;
            this.keys = keys;
        }
    }

    /**
     * Answers of one token, so that an outage never finds one in its middle, which nobody could mend.
     *
     * @param firstTokenMillis in the median; health answers come at once, as a front door's do
     */
    static Place of(String name, Cloud cloud, long firstTokenMillis) {
        // Seeded by the name, so that no two endpoints are slow in the same moments.
        Delay firstToken = new Delay.LogNormal(Duration.ofMillis(firstTokenMillis), SIGMA, name.hashCode());
        return new Place(
                name,
                cloud,
                1,
                Map.of(),
                Behaviour.prompt().withFirstToken(firstToken).withTokens(1));
    }

    Place withTier(int number) {
        return new Place(name, cloud, number, labels, behaviour);
    }

    Place withLabels(Map<String, String> all) {
        return new Place(name, cloud, tier, all, behaviour);
    }

    /** The line of the conf. */
    String conf(int port) {
        return "  - {name: %s, provider: %s, url: \"http://127.0.0.1:%d\", tier: %d, %s%s}\n"
                .formatted(name, cloud.dialect.name(), port, tier, labelsKey(), cloud.keys);
    }

    private String labelsKey() {
        return labels.isEmpty()
                ? ""
                : "labels: %s, ".formatted(labels.toString().replace("=", ": "));
    }
}

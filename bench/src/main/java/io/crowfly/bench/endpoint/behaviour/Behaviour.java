package io.crowfly.bench.endpoint.behaviour;

import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Configured behaviour of a simulated endpoint: times, errors and outage. A new behaviour applies to requests that
 * begin after it was set.
 *
 * @param firstToken time from the end of a request to the first token of its response; the same for embeddings
 * @param betweenTokens time from one token to the next; a response that is not streamed takes the sum
 * @param tokens number of tokens in a response, unless the request allows fewer
 * @param health time until the response to a health check
 * @param healthStatus status of responses to health checks
 * @param faults which responses to API calls are errors
 * @param outage outage of the whole endpoint
 * @param resetAfterEvents number of stream events after which the connection is reset; a response that is not streamed
 *     is replaced by a reset; empty for never
 * @param headAtOnce whether a stream's head is sent at once, long before its first event
 * @param models behaviour of single models, where it differs
 */
public record Behaviour(
        Delay firstToken,
        Duration betweenTokens,
        int tokens,
        Delay health,
        int healthStatus,
        Faults faults,
        Outage outage,
        OptionalInt resetAfterEvents,
        boolean headAtOnce,
        Map<String, ModelBehaviour> models) {

    /**
     * Returns the default behaviour: successful responses without delay, with eight tokens. There is one millisecond
     * between tokens, so that a stream arrives in several parts.
     */
    public static Behaviour immediate() {
        return new Behaviour(
                Delay.ofMillis(0),
                Duration.ofMillis(1),
                8,
                Delay.ofMillis(0),
                200,
                new Faults.None(),
                Outage.NONE,
                OptionalInt.empty(),
                false,
                Map.of());
    }

    public Behaviour withFirstToken(Delay delay) {
        return new Behaviour(
                delay,
                betweenTokens,
                tokens,
                health,
                healthStatus,
                faults,
                outage,
                resetAfterEvents,
                headAtOnce,
                models);
    }

    public Behaviour withBetweenTokens(Duration time) {
        return new Behaviour(
                firstToken, time, tokens, health, healthStatus, faults, outage, resetAfterEvents, headAtOnce, models);
    }

    public Behaviour withTokens(int count) {
        return new Behaviour(
                firstToken,
                betweenTokens,
                count,
                health,
                healthStatus,
                faults,
                outage,
                resetAfterEvents,
                headAtOnce,
                models);
    }

    public Behaviour withHealth(Delay delay) {
        return new Behaviour(
                firstToken,
                betweenTokens,
                tokens,
                delay,
                healthStatus,
                faults,
                outage,
                resetAfterEvents,
                headAtOnce,
                models);
    }

    public Behaviour withHealthStatus(int status) {
        return new Behaviour(
                firstToken,
                betweenTokens,
                tokens,
                health,
                status,
                faults,
                outage,
                resetAfterEvents,
                headAtOnce,
                models);
    }

    public Behaviour withFaults(Faults script) {
        return new Behaviour(
                firstToken,
                betweenTokens,
                tokens,
                health,
                healthStatus,
                script,
                outage,
                resetAfterEvents,
                headAtOnce,
                models);
    }

    public Behaviour withOutage(Outage kind) {
        return new Behaviour(
                firstToken,
                betweenTokens,
                tokens,
                health,
                healthStatus,
                faults,
                kind,
                resetAfterEvents,
                headAtOnce,
                models);
    }

    public Behaviour withResetAfterEvents(OptionalInt events) {
        return new Behaviour(
                firstToken, betweenTokens, tokens, health, healthStatus, faults, outage, events, headAtOnce, models);
    }

    public Behaviour withHeadAtOnce(boolean atOnce) {
        return new Behaviour(
                firstToken,
                betweenTokens,
                tokens,
                health,
                healthStatus,
                faults,
                outage,
                resetAfterEvents,
                atOnce,
                models);
    }

    public Behaviour withModels(Map<String, ModelBehaviour> all) {
        return new Behaviour(
                firstToken,
                betweenTokens,
                tokens,
                health,
                healthStatus,
                faults,
                outage,
                resetAfterEvents,
                headAtOnce,
                all);
    }

    /** Returns the behaviour of a model, by the name that requests have at the endpoint. */
    public ModelBehaviour model(String name) {
        return models.getOrDefault(name, ModelBehaviour.ORDINARY);
    }

    /** Returns this behaviour with all times multiplied by {@code factor}. */
    public Behaviour slower(double factor) {
        return withFirstToken(firstToken.times(factor))
                .withBetweenTokens(Delay.scaled(betweenTokens, factor))
                .withHealth(health.times(factor));
    }
}

package io.crowfly.bench.policies.simulation;

import io.crowfly.bench.policies.scenario.Scenario;

/**
 * The result of one policy in one scenario.
 *
 * @param userRequests requests of users, including those of the warm-up
 * @param ttftNanos time to first token of every user who got a response, lowest first
 * @param requests requests that the edges received: those of users and the retries of their libraries
 * @param attempts attempts at backends
 * @param errors users who got no response in the end
 * @param clientResponses429 responses with 429 that a client received
 * @param regretNanos mean over first attempts of the expected time at the chosen backend, minus the least expected
 *     time at any backend
 * @param predictionError mean distance of the prediction from the true median, as a share of the median; NaN
 *     without predictions
 * @param choiceNanos time of each first attempt, warm-up included
 * @param choiceBackend backend of each first attempt
 * @param secondTtftNanos sum over the users that arrived in each second
 * @param secondResponses number of these users who got a response
 */
public record RunResult(
        Scenario scenario,
        String policy,
        int userRequests,
        double[] ttftNanos,
        long requests,
        long attempts,
        long errors,
        long clientResponses429,
        double regretNanos,
        double predictionError,
        long[] choiceNanos,
        byte[] choiceBackend,
        double[] secondTtftNanos,
        int[] secondResponses) {}

package io.crowfly.bench.policies.simulation;

import io.crowfly.bench.policies.scenario.Scenario;

/**
 * Result of one policy in one scenario of the policy simulator. The warm-up is excluded, except where a parameter says
 * otherwise.
 *
 * @param scenario the scenario
 * @param policy name of the policy
 * @param userRequests requests of users, including those of the warm-up
 * @param ttftNanos time to first token of every user who got a response, lowest first
 * @param ttftNanosByModel the same for the users of each model
 * @param completionNanos mean time to the last byte of these users
 * @param requests requests that the edges received: those of users and the retries of their client libraries
 * @param attempts attempts at backends
 * @param hedges attempts beside a slow attempt of the same request
 * @param lostTokenShare tokens that backends read and generated for cancelled attempts, divided by the tokens of all
 *     requests and their responses
 * @param errors users who got no response in the end
 * @param clientResponses429 responses with 429 that a client received
 * @param explorations first attempts that the policy made only to learn a backend's latency
 * @param watchedEndNanos time at which the watched event ended for the backend; 0 without such an event
 * @param regretNanos mean over first attempts of the expected time at the chosen backend, minus the least expected time
 *     at any backend
 * @param predictionError mean distance of the prediction from the true median, as a share of the median; NaN without
 *     predictions. Attempts at backends that fail half of the requests or more are left out.
 * @param choiceNanos time of each first attempt, warm-up included
 * @param choiceBackend backend of each first attempt, warm-up included
 * @param secondTtftNanos sum of the times to first token of the users that arrived in each second, warm-up included
 * @param secondResponses number of these users who got a response
 */
public record RunResult(
        Scenario scenario,
        String policy,
        int userRequests,
        double[] ttftNanos,
        double[][] ttftNanosByModel,
        double completionNanos,
        long requests,
        long attempts,
        long hedges,
        double lostTokenShare,
        long errors,
        long clientResponses429,
        long explorations,
        long watchedEndNanos,
        double regretNanos,
        double predictionError,
        long[] choiceNanos,
        byte[] choiceBackend,
        double[] secondTtftNanos,
        int[] secondResponses) {}

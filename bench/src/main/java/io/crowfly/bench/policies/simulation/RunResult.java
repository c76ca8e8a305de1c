package io.crowfly.bench.policies.simulation;

import io.crowfly.bench.policies.scenario.Scenario;

/**
 * What one policy made of one scenario.
 *
 * @param userRequests requests of users, the warm-up's too
 * @param ttftNanos of every user who got an answer, lowest first
 * @param requests that the edges got: users' and their libraries' retries
 * @param attempts attempts at backends
 * @param errors users who got none in the end
 * @param clientResponses429 answers of 429 that got to a client
 * @param regretNanos mean over first attempts of what was to be expected where they went, less the least that was to be had
 * @param predictionError mean of the prediction's distance from the true median, as a share of it; NaN where nothing is predicted
 * @param choiceNanos when each first attempt left, warm-up or not
 * @param choiceBackend to which backend
 * @param secondTtftNanos sum over the users that arrived in each second
 * @param secondResponses how many of them had an answer
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

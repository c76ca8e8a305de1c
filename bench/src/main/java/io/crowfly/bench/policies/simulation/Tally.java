package io.crowfly.bench.policies.simulation;

import io.crowfly.bench.policies.policy.Request;
import io.crowfly.bench.policies.scenario.Scenario;
import java.util.Arrays;

/**
 * What is counted while a run goes on. Requests that arrived during the warm-up count nowhere but in what is kept second by
 * second.
 */
final class Tally {

    private final long warmUpNanos;

    private double[] ttftNanos = new double[4096];
    private int answers;
    private long requests;
    private long sent;
    private long errors;
    private long clientSaw429s;
    private double regretNanos;
    private double predictionError;
    private long predictions;

    /** Of every first choice, warm-up or not: when, and which backend. */
    private long[] choiceNanos = new long[4096];

    private byte[] choiceBackend = new byte[4096];
    private int choices;

    private final double[] secondTtftNanos;
    private final int[] secondAnswers;

    private final ServerSight[] sights;

    Tally(Scenario scenario) {
        warmUpNanos = scenario.warmUpNanos();
        int seconds = (int) (scenario.durationNanos() / 1_000_000_000L) + 1;
        secondTtftNanos = new double[seconds];
        secondAnswers = new int[seconds];
        sights = new ServerSight[scenario.backends().size()];
        for (int b = 0; b < sights.length; b++) {
            sights[b] = new ServerSight();
        }
    }

    /** The first attempt of what the client sent. */
    void chosen(World world, Edge edge, Request request, int backend, long begunNanos) {
        long now = world.clock.nanoTime();
        if (choices == choiceNanos.length) {
            choiceNanos = Arrays.copyOf(choiceNanos, 2 * choices);
            choiceBackend = Arrays.copyOf(choiceBackend, 2 * choices);
        }
        choiceNanos[choices] = now;
        choiceBackend[choices++] = (byte) backend;
        if (begunNanos < warmUpNanos) {
            return;
        }
        requests++;
        double least = Double.MAX_VALUE;
        for (int b = 0; b < world.servers.length; b++) {
            least = Math.min(least, world.expectedNanos(request, edge.group(), b));
        }
        regretNanos += world.expectedNanos(request, edge.group(), backend) - least;
        double predicted = edge.policy().predictedNanos(request, backend, now);
        Server server = world.servers[backend];
        if (!Double.isNaN(predicted) && server.failureShare(now) < 0.5) {
            double median = server.medianNanos(request, edge.group(), now);
            predictionError += Math.abs(predicted - median) / median;
            predictions++;
        }
    }

    void sent(long begunNanos) {
        if (begunNanos >= warmUpNanos) {
            sent++;
        }
    }

    void began(World world, int backend, int inFlight, double serviceNanos) {
        sights[backend].saw(inFlight, serviceNanos);
    }

    ServerSight sight(int backend) {
        return sights[backend];
    }

    void answered(long begunNanos, long nowNanos) {
        int second = (int) (begunNanos / 1_000_000_000L);
        secondTtftNanos[second] += nowNanos - begunNanos;
        secondAnswers[second]++;
        if (begunNanos < warmUpNanos) {
            return;
        }
        if (answers == ttftNanos.length) {
            ttftNanos = Arrays.copyOf(ttftNanos, 2 * answers);
        }
        ttftNanos[answers++] = nowNanos - begunNanos;
    }

    void erred(long begunNanos) {
        if (begunNanos >= warmUpNanos) {
            errors++;
        }
    }

    void clientSaw429(long begunNanos) {
        if (begunNanos >= warmUpNanos) {
            clientSaw429s++;
        }
    }

    Run run(Scenario scenario, String policy, int users) {
        double[] sorted = Arrays.copyOf(ttftNanos, answers);
        Arrays.sort(sorted);
        return new Run(
                scenario,
                policy,
                users,
                sorted,
                requests,
                sent,
                errors,
                clientSaw429s,
                requests == 0 ? 0 : regretNanos / requests,
                predictions == 0 ? Double.NaN : predictionError / predictions,
                Arrays.copyOf(choiceNanos, choices),
                Arrays.copyOf(choiceBackend, choices),
                secondTtftNanos,
                secondAnswers);
    }
}

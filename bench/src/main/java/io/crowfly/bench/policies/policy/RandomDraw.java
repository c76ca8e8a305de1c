package io.crowfly.bench.policies.policy;

import java.util.random.RandomGenerator;

/** Random selection among the untried backends of a simulated request, for use by the policies. */
final class RandomDraw {

    private final int backends;
    private final RandomGenerator random;
    private final int[] eligible;

    RandomDraw(EdgeEnvironment environment) {
        backends = environment.count();
        random = environment.random();
        eligible = new int[backends];
    }

    int any(TriedBackends tried) {
        return eligible[random.nextInt(collectEligible(tried))];
    }

    /**
     * Draws two different untried backends and returns the one with the lower cost, or the first one if the costs are
     * equal. If only one is untried, returns that backend.
     */
    int betterOfTwo(TriedBackends tried, Cost cost) {
        int count = collectEligible(tried);
        if (count == 1) {
            return eligible[0];
        }
        int i = random.nextInt(count);
        int j = random.nextInt(count - 1);
        int first = eligible[i];
        int second = eligible[j < i ? j : j + 1];
        return cost.of(second) < cost.of(first) ? second : first;
    }

    private int collectEligible(TriedBackends tried) {
        int count = 0;
        for (int b = 0; b < backends; b++) {
            if (!tried.has(b)) {
                eligible[count++] = b;
            }
        }
        return count;
    }

    /** Function to the cost of sending one more request to a backend. */
    @FunctionalInterface
    interface Cost {
        double of(int backend);
    }
}

package io.crowfly.bench.policies.policy;

import java.util.random.RandomGenerator;

/** Drawing by lot among the backends that were not tried. */
final class Lots {

    private final int backends;
    private final RandomGenerator random;
    private final int[] open;

    Lots(Surroundings surroundings) {
        backends = surroundings.count();
        random = surroundings.random();
        open = new int[backends];
    }

    int draw(Tried tried) {
        return open[random.nextInt(open(tried))];
    }

    /**
     * Two different ones, and the one with the lower cost of them; the first drawn where they are equal. Where only one is
     * left, that one.
     */
    int better(Tried tried, Cost cost) {
        int count = open(tried);
        if (count == 1) {
            return open[0];
        }
        int i = random.nextInt(count);
        int j = random.nextInt(count - 1);
        int first = open[i];
        int second = open[j < i ? j : j + 1];
        return cost.of(second) < cost.of(first) ? second : first;
    }

    private int open(Tried tried) {
        int count = 0;
        for (int b = 0; b < backends; b++) {
            if (!tried.has(b)) {
                open[count++] = b;
            }
        }
        return count;
    }

    /** Of sending one more request there. */
    @FunctionalInterface
    interface Cost {
        double of(int backend);
    }
}

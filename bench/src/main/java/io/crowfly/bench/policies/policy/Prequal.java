package io.crowfly.bench.policies.policy;

import io.crowfly.bench.policies.policy.Reports.Report;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Prequal's hot-cold lexicographic rule over a pool of probes (Wydrowski, Kleinberg, Rumble, Archer, "Load is not what you
 * should balance: Introducing Prequal", NSDI 2024). Each request sends off three probes to servers drawn by lot, whose answers
 * (requests in flight, and latency at that load) go into a pool. A probe is hot if its requests in flight are above the {@code
 * Q_RIF} quantile of those heard lately. The choice is the cold probe with the lowest latency or, where all are hot, the one
 * with the fewest in flight. A probe is used up after so many choices, counts each as one more in flight meanwhile, ages out
 * after a second, and one is removed with each request: the oldest and the worst in turn.
 *
 * <p>What it needs no endpoint of Azure or Google tells: the simulator grants the reports, without cost and without their
 * taking part in the load. The pool of 16 is meant for hundreds of servers; for few it is at most half of them (at least two),
 * so that the reuse budget's formula keeps its meaning. Sinkholing is avoided crudely: a server that answered by an error is
 * left alone for a second.
 */
final class Prequal implements Policy {

    private static final int PROBES_PER_REQUEST = 3;
    private static final int MAX_POOL = 16;
    private static final double Q_RIF = 0.84;
    private static final long MAX_AGE_NANOS = 1_000_000_000L;
    private static final double REMOVALS_PER_REQUEST = 1;
    /** Delta: how much sooner than they are used up new probes should come. */
    private static final double NET_GROWTH = 1;

    private static final int REMEMBERED_REPORTS = 128;
    private static final long AVERSION_NANOS = 1_000_000_000L;

    private final Surroundings surroundings;
    private final Lots lots;
    private final RandomGenerator random;
    private final int poolSize;
    private final double reuses;
    private final List<Pooled> pool = new ArrayList<>();
    private final int[] heard = new int[REMEMBERED_REPORTS];
    private int heardCount;
    private final long[] avoidUntilNanos;
    private boolean removeOldest;

    /** A probe's answer in the pool. */
    private static final class Pooled {
        final int backend;
        final double latencyNanos;
        final long heardNanos;
        int inFlight;
        int uses;
        final int usesAllowed;

        Pooled(int backend, Report report, long heardNanos, int usesAllowed) {
            this.backend = backend;
            this.latencyNanos = report.latencyNanos();
            this.inFlight = report.inFlight();
            this.heardNanos = heardNanos;
            this.usesAllowed = usesAllowed;
        }
    }

    Prequal(Surroundings surroundings) {
        this.surroundings = surroundings;
        this.lots = new Lots(surroundings);
        this.random = surroundings.random();
        int servers = surroundings.count();
        this.poolSize = Math.max(2, Math.min(MAX_POOL, servers / 2));
        double fresh = (1 - (double) poolSize / servers) * PROBES_PER_REQUEST - REMOVALS_PER_REQUEST;
        this.reuses = fresh <= 0 ? Double.MAX_VALUE : Math.max(1, (1 + NET_GROWTH) / fresh);
        this.avoidUntilNanos = new long[servers];
        probe();
    }

    private void probe() {
        Tried asked = new Tried();
        for (int i = 0; i < Math.min(PROBES_PER_REQUEST, surroundings.count()); i++) {
            int backend = lots.draw(asked);
            asked.add(backend);
            surroundings.reports().ask(backend, report -> hear(backend, report));
        }
    }

    private void hear(int backend, Report report) {
        heard[heardCount++ % REMEMBERED_REPORTS] = report.inFlight();
        // One answer of each server: with few servers a second one would only be an older view of the same.
        pool.removeIf(pooled -> pooled.backend == backend);
        if (pool.size() >= poolSize) {
            pool.remove(0);
        }
        // A budget of 1.3 is 1 for seven probes in ten and 2 for the others.
        int whole = (int) Math.min(reuses, Integer.MAX_VALUE);
        int allowed = whole + (random.nextDouble() < reuses - whole ? 1 : 0);
        pool.add(new Pooled(backend, report, surroundings.timeline().nanoTime(), allowed));
    }

    @Override
    public int choose(Request request, Tried tried, long nowNanos) {
        if (tried.count() == 0) {
            probe();
            pool.removeIf(pooled -> nowNanos - pooled.heardNanos > MAX_AGE_NANOS);
        }
        double threshold = threshold();
        Pooled best = best(tried, nowNanos, threshold);
        if (best == null) {
            return lots.draw(tried);
        }
        best.inFlight++;
        if (++best.uses >= best.usesAllowed) {
            pool.remove(best);
        }
        if (tried.count() == 0) {
            remove(threshold);
        }
        return best.backend;
    }

    private Pooled best(Tried tried, long nowNanos, double threshold) {
        Pooled best = null;
        for (Pooled pooled : pool) {
            boolean open = !tried.has(pooled.backend) && avoidUntilNanos[pooled.backend] <= nowNanos;
            if (open && (best == null || better(pooled, best, threshold))) {
                best = pooled;
            }
        }
        return best;
    }

    private static boolean better(Pooled a, Pooled b, double threshold) {
        boolean aHot = a.inFlight > threshold;
        boolean bHot = b.inFlight > threshold;
        if (aHot != bHot) {
            return bHot;
        }
        return aHot ? a.inFlight < b.inFlight : a.latencyNanos < b.latencyNanos;
    }

    private double threshold() {
        int kept = Math.min(heardCount, REMEMBERED_REPORTS);
        if (kept == 0) {
            return Double.MAX_VALUE;
        }
        int[] sorted = Arrays.copyOf(heard, kept);
        Arrays.sort(sorted);
        return sorted[(int) Math.min(kept - 1, Q_RIF * kept)];
    }

    private void remove(double threshold) {
        if (pool.size() < 2) {
            return;
        }
        removeOldest = !removeOldest;
        if (removeOldest) {
            pool.remove(0);
            return;
        }
        Pooled worst = pool.get(0);
        for (Pooled pooled : pool) {
            if (better(worst, pooled, threshold)) {
                worst = pooled;
            }
        }
        pool.remove(worst);
    }

    @Override
    public void failed(Attempt attempt, Failure failure, long nowNanos) {
        avoidUntilNanos[attempt.backend()] = nowNanos + AVERSION_NANOS;
        pool.removeIf(pooled -> pooled.backend == attempt.backend());
    }
}

package io.crowfly.bench.policies.policy;

import io.crowfly.bench.policies.policy.LoadReports.LoadReport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Policy of Prequal: its hot-cold lexicographic rule over a pool of probes (Wydrowski, Kleinberg, Rumble, Archer, "Load
 * is not what you should balance: Introducing Prequal", NSDI 2024). Each request sends three probes to random servers.
 * Their responses (requests in flight, and latency at that load) are kept in a pool. A pooled probe is hot if its
 * requests in flight exceed the {@code Q_RIF} quantile of recent reports. The rule selects the cold probe with the
 * lowest latency or, if all are hot, the probe with the fewest requests in flight. A probe is removed after a number of
 * uses, and each use adds one to its requests in flight. Probes expire after a second. With each request one probe is
 * removed: the oldest and the worst in turn.
 *
 * <p>Neither Azure nor Google offers the reports that Prequal needs. The simulator provides them without cost, and they
 * add no load. The paper's pool of 16 is meant for hundreds of servers. With at most 16 servers, the pool keeps the
 * latest report of each server, and the number of uses is unlimited, because the paper's formula does not apply. (A
 * pool of half the servers, with the formula, did worse in most scenarios.) The paper's defence against sinkholing
 * (fast failures that attract requests) is simplified: a server that failed is not used for a second.
 */
final class Prequal implements SelectionPolicy {

    private static final int PROBES_PER_REQUEST = 3;
    private static final int MAX_POOL = 16;
    private static final double Q_RIF = 0.84;
    private static final long MAX_AGE_NANOS = 1_000_000_000L;
    private static final double REMOVALS_PER_REQUEST = 1;
    /** Delta in the paper's formula for the number of uses: the rate by which the pool grows per request. */
    private static final double NET_GROWTH = 1;

    private static final int REMEMBERED_REPORTS = 128;
    private static final long AVOID_NANOS = 1_000_000_000L;

    private final EdgeEnvironment environment;
    private final RandomDraw randomDraw;
    private final RandomGenerator random;
    private final double reuseBudget;
    private final List<Pooled> pool = new ArrayList<>();
    private final int[] recentInFlight = new int[REMEMBERED_REPORTS];
    private int reportCount;
    private final long[] avoidUntilNanos;
    private boolean removeOldest;

    /** Report in the pool. */
    private static final class Pooled {
        final int backend;
        final double latencyNanos;
        final long receivedNanos;
        int inFlight;
        int uses;
        final int usesAllowed;

        Pooled(int backend, LoadReport report, long receivedNanos, int usesAllowed) {
            this.backend = backend;
            this.latencyNanos = report.latencyNanos();
            this.inFlight = report.inFlight();
            this.receivedNanos = receivedNanos;
            this.usesAllowed = usesAllowed;
        }
    }

    Prequal(EdgeEnvironment environment) {
        this.environment = environment;
        this.randomDraw = new RandomDraw(environment);
        this.random = environment.random();
        int servers = environment.count();
        double fresh = (1 - (double) MAX_POOL / servers) * PROBES_PER_REQUEST - REMOVALS_PER_REQUEST;
        this.reuseBudget = fresh <= 0 ? Double.MAX_VALUE : Math.max(1, (1 + NET_GROWTH) / fresh);
        this.avoidUntilNanos = new long[servers];
        probe();
    }

    private void probe() {
        TriedBackends drawn = new TriedBackends();
        for (int i = 0; i < Math.min(PROBES_PER_REQUEST, environment.count()); i++) {
            int backend = randomDraw.any(drawn);
            drawn.add(backend);
            environment.loadReports().request(backend, report -> receive(backend, report));
        }
    }

    private void receive(int backend, LoadReport report) {
        recentInFlight[reportCount++ % REMEMBERED_REPORTS] = report.inFlight();
        // Only the latest report of each server is kept. With few servers, several reports of one server would displace
        // those of others.
        pool.removeIf(pooled -> pooled.backend == backend);
        if (pool.size() >= MAX_POOL) {
            pool.remove(0);
        }
        // A budget with a fraction is rounded up or down at random: with 1.3, three reports in ten get two uses, the
        // others one.
        int wholeBudget = (int) Math.min(reuseBudget, Integer.MAX_VALUE);
        int allowed = wholeBudget + (random.nextDouble() < reuseBudget - wholeBudget ? 1 : 0);
        pool.add(new Pooled(backend, report, environment.scheduler().nanoTime(), allowed));
    }

    @Override
    public int choose(SimulatedRequest request, TriedBackends tried, long nowNanos) {
        if (tried.count() == 0) {
            probe();
            pool.removeIf(pooled -> nowNanos - pooled.receivedNanos > MAX_AGE_NANOS);
        }
        double threshold = threshold();
        Pooled best = best(tried, nowNanos, threshold);
        if (best == null) {
            return randomDraw.any(tried);
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

    private Pooled best(TriedBackends tried, long nowNanos, double threshold) {
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
        int kept = Math.min(reportCount, REMEMBERED_REPORTS);
        if (kept == 0) {
            return Double.MAX_VALUE;
        }
        int[] sorted = Arrays.copyOf(recentInFlight, kept);
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
    public void failed(SimulatedAttempt attempt, SimulatedFailure failure, long nowNanos) {
        avoidUntilNanos[attempt.backend()] = nowNanos + AVOID_NANOS;
        pool.removeIf(pooled -> pooled.backend == attempt.backend());
    }
}

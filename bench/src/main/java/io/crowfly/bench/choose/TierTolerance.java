package io.crowfly.bench.choose;

import io.crowfly.bench.choose.Place.Cloud;
import io.crowfly.bench.endpoint.Behaviour;
import io.crowfly.bench.endpoint.Delay;
import io.crowfly.bench.proof.Claim;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * {@code tier-tolerance: 200ms}: the paid tier keeps the requests while it is a little slower, and not when it is 300 ms
 * slower than that.
 */
final class TierTolerance {

    private static final String PAID = "paid";
    private static final long HEAD_START_MILLIS = 50;

    private static final long SLOWDOWN_MILLIS = 300;
    private static final double LEAVES_SECONDS = 1;
    private static final int QUIET_SECONDS = 4;
    private static final int TROUBLE_SECONDS = 5;
    private static final int RECOVERY_SECONDS = 7;

    private final long usualMillis;
    private final Setting setting;
    private final PrintWriter progress;
    private final List<Trouble> troubles = new ArrayList<>();

    /** It was slow from one moment up to another, and {@code untilNanos} was looked at. */
    private record Trouble(long fromNanos, long toNanos, long untilNanos) {}

    private TierTolerance(long usualMillis, Setting setting, PrintWriter progress) {
        this.usualMillis = usualMillis;
        this.setting = setting;
        this.progress = progress;
    }

    /** @param usualMillis to the first token at tier 1; the next tier is a little faster */
    static Shown show(Setting.Starter starter, Path folder, long usualMillis, int rounds, PrintWriter progress)
            throws IOException, InterruptedException {
        String more = "probes: {http: {path: /health}}\nrouting: {tier-tolerance: 200ms}\n";
        List<Place> places = List.of(
                Place.of(PAID, Cloud.AZURE, usualMillis),
                Place.of("overflow", Cloud.GOOGLE, usualMillis - HEAD_START_MILLIS)
                        .withTier(2));
        try (Setting setting = Setting.open(starter, folder, places, more)) {
            return new TierTolerance(usualMillis, setting, progress).run(rounds);
        }
    }

    private Shown run(int rounds) throws IOException, InterruptedException {
        Traffic traffic = new Traffic(setting.clients(), Moves.PER_SECOND, () -> Ask.streamedChat("chat"));
        Moves.awaitMost(traffic, PAID);
        for (int i = 0; i < rounds; i++) {
            TimeUnit.SECONDS.sleep(QUIET_SECONDS);
            long from = System.nanoTime();
            setting.behave(PAID, slow());
            TimeUnit.SECONDS.sleep(TROUBLE_SECONDS);
            long to = System.nanoTime();
            setting.restore(PAID);
            TimeUnit.SECONDS.sleep(RECOVERY_SECONDS);
            troubles.add(new Trouble(from, to, System.nanoTime()));
        }
        long unanswered = traffic.stop();
        progress.println("tiers: tolerance, done");
        setting.explainFailures(progress);
        return shown(traffic, unanswered);
    }

    private Shown shown(Traffic traffic, long unanswered) {
        long failed = traffic.calls().stream().filter(Call::lost).count() + unanswered;
        double slowest = 0;
        StringBuilder table = new StringBuilder("""
                Tier 1 at %d ms with a tolerance of 200 ms: its share, second by second, in percent.

                | left after | share meanwhile | back after | share then |
                |--:|---|--:|---|
                """.formatted(usualMillis));
        for (Trouble trouble : troubles) {
            List<Call> during = traffic.calls(trouble.fromNanos(), trouble.toNanos());
            List<Call> then = traffic.calls(trouble.toNanos(), trouble.untilNanos());
            double away = Moves.secondsUntil(during, trouble.fromNanos(), PAID, share -> share <= 1 - Moves.MOVED);
            double back = Moves.secondsUntil(then, trouble.toNanos(), PAID, share -> share >= Moves.MOVED);
            slowest = Math.max(slowest, away);
            table.append(String.format(
                    Locale.ROOT,
                    "| %.2f s | %s | %.2f s | %s |%n",
                    away,
                    Moves.shares(during, trouble.fromNanos(), PAID),
                    back,
                    Moves.shares(then, trouble.toNanos(), PAID)));
        }
        return new Shown(
                List.of(
                        Claim.within(
                                "200 ms: nine in ten leave tier 1 of %d ms when it is 300 ms slower"
                                        .formatted(usualMillis),
                                LEAVES_SECONDS,
                                slowest,
                                " s"),
                        Claim.none(
                                "200 ms: failed requests of %,d at %d ms".formatted(traffic.sent(), usualMillis),
                                failed)),
                table.toString());
    }

    /** The same spread, a while later. */
    private Behaviour slow() {
        Behaviour usual = setting.usual(PAID);
        Delay.LogNormal time = (Delay.LogNormal) usual.firstToken();
        return usual.withFirstToken(
                time.times(1 + (double) SLOWDOWN_MILLIS / time.median().toMillis()));
    }
}

package io.crowfly.bench.choose;

import io.crowfly.bench.choose.Place.Cloud;
import io.crowfly.bench.endpoint.Behaviour;
import io.crowfly.bench.endpoint.Outage;
import io.crowfly.bench.proof.Claim;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** The best of three backends becomes three times as slow and recovers, is gone and comes back, again and again. */
final class Moving {

    private static final String BEST = "azure-near";
    private static final List<Place> PLACES = List.of(
            Place.of(BEST, Cloud.AZURE, 150),
            Place.of("google-near", Cloud.GOOGLE, 250),
            Place.of("azure-far", Cloud.AZURE, 320));

    private static final double SLOWER = 3;

    private static final double AWAY_SECONDS = 1;
    private static final double BACK_SECONDS = 10;

    /** In any second after traffic is back: less would be leaving again. */
    private static final double NO_DIP = 0.75;

    /** No answer takes longer. */
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(3);

    private static final int WARM_UP_SECONDS = 6;
    private static final int TROUBLE_SECONDS = 5;

    /** Enough to be back in, and for a second dip to show. */
    private static final int RECOVERY_SECONDS = 13;

    private final Setting setting;
    private final PrintWriter progress;
    private final List<Episode> episodes = new ArrayList<>();

    /**
     * @param what had happened
     * @param fromNanos when the trouble began
     * @param former share of the best before
     * @param awaySeconds until the rest had nearly all requests
     * @param backSeconds until the best had its share again
     * @param leastAfter its smallest share in any second from then on
     * @param sentToIt requests that came during the trouble and were tried at the best in vain; for failures only
     */
    private record Episode(
            String what,
            long fromNanos,
            double former,
            double awaySeconds,
            double backSeconds,
            double leastAfter,
            long sentToIt,
            String sharesAway,
            String sharesBack) {}

    private record Trouble(
            String what, Behaviour behaviour, long fromNanos, long fromMillis, long toNanos, long toMillis) {}

    private Moving(Setting setting, PrintWriter progress) {
        this.setting = setting;
        this.progress = progress;
    }

    static Shown show(Setting.Starter starter, Path folder, int rounds, PrintWriter progress)
            throws IOException, InterruptedException {
        try (Setting setting = Setting.open(starter, folder, PLACES, "probes: {http: {path: /health}}\n")) {
            return new Moving(setting, progress).run(rounds);
        }
    }

    private Shown run(int rounds) throws IOException, InterruptedException {
        Traffic traffic = new Traffic(setting.clients(), Moves.PER_SECOND, () -> Ask.streamedChat("chat"));
        TimeUnit.SECONDS.sleep(WARM_UP_SECONDS);
        List<Trouble> troubles = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            Behaviour usual = setting.usual(BEST);
            troubles.add(trouble("slow", usual.withFirstToken(usual.firstToken().times(SLOWER))));
            troubles.add(trouble("refuses", usual.withOutage(Outage.REFUSE)));
        }
        long unanswered = traffic.stop();
        setting.explainFailures(progress);
        AccessLog log = setting.accessLog();
        for (Trouble trouble : troubles) {
            episodes.add(episode(trouble, traffic, log));
        }
        return new Shown(claims(traffic.calls(), unanswered), figures());
    }

    private Trouble trouble(String what, Behaviour behaviour) throws InterruptedException {
        setting.behave(BEST, behaviour);
        long from = System.nanoTime();
        long fromMillis = System.currentTimeMillis();
        TimeUnit.SECONDS.sleep(TROUBLE_SECONDS);
        long to = System.nanoTime();
        long toMillis = System.currentTimeMillis();
        setting.restore(BEST);
        TimeUnit.SECONDS.sleep(RECOVERY_SECONDS);
        progress.printf("moving: %s, and back%n", what);
        progress.flush();
        return new Trouble(what, behaviour, from, fromMillis, to, toMillis);
    }

    private static Episode episode(Trouble trouble, Traffic traffic, AccessLog log) {
        long start = trouble.fromNanos();
        long end = trouble.toNanos();
        double former = Call.share(traffic.calls(start - TimeUnit.SECONDS.toNanos(4), start), BEST);
        List<Call> during = traffic.calls(start, end);
        List<Call> after = traffic.calls(end, end + TimeUnit.SECONDS.toNanos(RECOVERY_SECONDS));
        double wanted = Math.min(former, 1) * Moves.MOVED;
        return new Episode(
                trouble.what(),
                start,
                former,
                Moves.secondsUntil(during, start, BEST, share -> share <= 1 - Moves.MOVED),
                Moves.secondsUntil(after, end, BEST, share -> share >= wanted),
                Moves.leastAfter(after, BEST, share -> share >= wanted),
                log.alsoSentTo(BEST, trouble.fromMillis(), trouble.toMillis()),
                Moves.shares(during, start, BEST),
                Moves.shares(after, end, BEST));
    }

    private List<Claim> claims(List<Call> calls, long unanswered) {
        int loops = Runtime.getRuntime().availableProcessors();
        long errors = calls.stream().filter(Call::lost).count() + unanswered;
        long refused = episodes.stream()
                .filter(Moving::isFailure)
                .mapToLong(Episode::sentToIt)
                .max()
                .orElse(0);
        return List.of(
                Claim.within(
                        "moving: after a threefold slowdown nine in ten go elsewhere",
                        AWAY_SECONDS,
                        slowestAway(false),
                        " s"),
                Claim.within("moving: after a failure nine in ten go elsewhere", AWAY_SECONDS, slowestAway(true), " s"),
                Claim.atMost(
                        "moving: requests sent to the failed one, by %d loops".formatted(loops), loops, refused, ""),
                Claim.within("moving: back after the slowdown", BACK_SECONDS, slowestBack(false), " s"),
                Claim.within("moving: back after the failure", BACK_SECONDS, slowestBack(true), " s"),
                Claim.atLeast(
                        "moving: share in the worst second after that",
                        NO_DIP,
                        episodes.stream().mapToDouble(Episode::leastAfter).min().orElse(0)),
                Claim.none("moving: failed requests of %,d".formatted(calls.size() + unanswered), errors),
                Claim.none("moving: answers broken off that began after the failure", brokenLater(calls)));
    }

    /** An answer that was under way in the moment of a failure breaks off; any other must not. */
    private long brokenLater(List<Call> calls) {
        return calls.stream()
                .filter(Call::brokenInPart)
                .filter(call -> episodes.stream()
                        .noneMatch(episode -> isFailure(episode)
                                && call.sentNanos() - episode.fromNanos() < 0
                                && episode.fromNanos() - call.sentNanos() < LONGEST_NANOS))
                .count();
    }

    private static boolean isFailure(Episode episode) {
        return episode.what().equals("refuses");
    }

    private double slowestAway(boolean failure) {
        return episodes.stream()
                .filter(episode -> isFailure(episode) == failure)
                .mapToDouble(Episode::awaySeconds)
                .max()
                .orElse(Double.POSITIVE_INFINITY);
    }

    private double slowestBack(boolean failure) {
        return episodes.stream()
                .filter(episode -> isFailure(episode) == failure)
                .mapToDouble(Episode::backSeconds)
                .max()
                .orElse(Double.POSITIVE_INFINITY);
    }

    private String figures() {
        StringBuilder table = new StringBuilder("""
                Moving: the best backend's share, second by second, in percent.

                | it | share before | away after | share meanwhile | back after | share then | tried in vain |
                |---|--:|--:|---|--:|---|--:|
                """);
        for (Episode each : episodes) {
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %.0f%% | %.2f s | %s | %.2f s | %s | %s |%n",
                    each.what(),
                    each.former() * 100,
                    each.awaySeconds(),
                    each.sharesAway(),
                    each.backSeconds(),
                    each.sharesBack(),
                    isFailure(each) ? each.sentToIt() : ""));
        }
        return table.toString();
    }
}

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
import java.util.stream.Collectors;

/** {@code tier-tolerance: 200ms}: the paid tier keeps the requests while it is a little slower, and not when it is 300 ms slower than that. */
final class TierTolerance {

    private static final String PAID = "paid";
    private static final List<Place> PLACES = List.of(
            Place.of(PAID, Cloud.AZURE, 250),
            Place.of("overflow", Cloud.GOOGLE, 200).withTier(2));

    private static final long SLOWDOWN_MILLIS = 300;
    private static final double LEAVES_SECONDS = 1;
    private static final int TROUBLE_SECONDS = 5;

    private final Setting setting;
    private final PrintWriter progress;
    private final List<Double> away = new ArrayList<>();
    private final List<Double> back = new ArrayList<>();
    private final List<String> shares = new ArrayList<>();

    private TierTolerance(Setting setting, PrintWriter progress) {
        this.setting = setting;
        this.progress = progress;
    }

    static Shown show(Setting.Starter starter, Path folder, int rounds, PrintWriter progress)
            throws IOException, InterruptedException {
        String more = "probes: {http: {path: /health}}\nrouting: {tier-tolerance: 200ms}\n";
        try (Setting setting = Setting.open(starter, folder, PLACES, more)) {
            return new TierTolerance(setting, progress).run(rounds);
        }
    }

    private Shown run(int rounds) throws IOException, InterruptedException {
        Traffic traffic = new Traffic(setting.clients(), Moves.PER_SECOND, () -> Ask.streamedChat("chat"));
        Moves.awaitMost(traffic, PAID);
        for (int i = 0; i < rounds; i++) {
            TimeUnit.SECONDS.sleep(TROUBLE_SECONDS);
            long from = System.nanoTime();
            setting.behave(PAID, slow());
            TimeUnit.SECONDS.sleep(TROUBLE_SECONDS);
            List<Call> calls = traffic.calls(from, System.nanoTime());
            setting.restore(PAID);
            back.add(Moves.awaitMost(traffic, PAID));
            away.add(Moves.secondsUntil(calls, from, PAID, share -> share <= 1 - Moves.MOVED));
            shares.add(Moves.shares(calls, from, PAID));
        }
        long unanswered = traffic.stop();
        progress.println("tiers: tolerance, done");
        setting.explainFailures(progress);
        long failed = traffic.calls().stream().filter(call -> !call.good()).count() + unanswered;
        double slowest = away.stream().mapToDouble(Double::doubleValue).max().orElse(Double.POSITIVE_INFINITY);
        return new Shown(
                List.of(
                        Claim.within(
                                "200 ms: nine in ten leave tier 1 when it is 300 ms slower",
                                LEAVES_SECONDS,
                                slowest,
                                " s"),
                        Claim.none("200 ms: failed requests of %,d".formatted(traffic.sent()), failed)),
                "Tier 1 with a tolerance of 200 ms: left after %s s, had most requests again after %s s. Its share in percent, second by second: %s.%n"
                        .formatted(numbers(away), numbers(back), String.join("; ", shares)));
    }

    /** The same spread, a while later. */
    private Behaviour slow() {
        Behaviour usual = setting.usual(PAID);
        Delay.LogNormal time = (Delay.LogNormal) usual.firstToken();
        return usual.withFirstToken(
                time.times(1 + (double) SLOWDOWN_MILLIS / time.median().toMillis()));
    }

    private static String numbers(List<Double> seconds) {
        return seconds.stream()
                .map(each -> String.format(Locale.ROOT, "%.2f", each))
                .collect(Collectors.joining(", "));
    }
}

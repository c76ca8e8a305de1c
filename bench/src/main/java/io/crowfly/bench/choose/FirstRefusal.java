package io.crowfly.bench.choose;

import io.crowfly.bench.choose.Place.Cloud;
import io.crowfly.bench.endpoint.Faults;
import io.crowfly.bench.endpoint.Outage;
import io.crowfly.bench.proof.Claim;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** {@code tier-tolerance: unlimited}: the paid tier, though slower, keeps every request until it has no room, or is gone. */
final class FirstRefusal {

    private static final String PAID = "paid";
    private static final String OVERFLOW = "overflow";
    private static final List<Place> PLACES = List.of(
            Place.of(PAID, Cloud.OPENAI, 300),
            Place.of(OVERFLOW, Cloud.GOOGLE, 100).withTier(2));

    /** Far more at once than usual, and yet nothing that the tier has no room for: it says so itself when it has none. */
    private static final int BURST = 25;

    private static final long SEED = 1;

    private final Setting setting;
    private final PrintWriter progress;

    private FirstRefusal(Setting setting, PrintWriter progress) {
        this.setting = setting;
        this.progress = progress;
    }

    static Shown show(Setting.Starter starter, Path folder, int seconds, PrintWriter progress)
            throws IOException, InterruptedException {
        String more = "probes: {http: {path: /health}}\nrouting: {tier-tolerance: unlimited}\n";
        try (Setting setting = Setting.open(starter, folder, PLACES, more)) {
            return new FirstRefusal(setting, progress).run(seconds);
        }
    }

    private Shown run(int seconds) throws IOException, InterruptedException {
        Traffic traffic = new Traffic(setting.clients(), Moves.PER_SECOND, () -> Ask.streamedChat("chat"));
        Moves.awaitMost(traffic, PAID);
        long quiet = System.nanoTime();
        TimeUnit.SECONDS.sleep(seconds);
        traffic.burst(BURST);
        TimeUnit.SECONDS.sleep(seconds);
        long full = System.nanoTime();
        setting.behave(PAID, setting.usual(PAID).withFaults(new Faults.Share(1, 429, SEED)));
        TimeUnit.SECONDS.sleep(seconds);
        setting.restore(PAID);
        double backAfterFull = Moves.awaitMost(traffic, PAID);
        setting.behave(PAID, setting.usual(PAID).withOutage(Outage.REFUSE));
        TimeUnit.SECONDS.sleep(seconds);
        setting.restore(PAID);
        double backAfterOutage = Moves.awaitMost(traffic, PAID);
        long unanswered = traffic.stop();
        progress.println("tiers: first refusal, done");
        setting.explainFailures(progress);
        long left = setting.sightings(quiet, full).stream()
                .filter(seen -> seen.place().equals(OVERFLOW))
                .count();
        List<Call> all = traffic.calls();
        long lost = all.stream().filter(Call::lost).count() + unanswered;
        int kept = traffic.calls(quiet, full).size();
        return new Shown(
                List.of(
                        Claim.none(
                                "unlimited: attempts outside tier 1 while it has room, of %,d".formatted(kept), left),
                        Claim.none("unlimited: requests lost when it has none, of %,d".formatted(all.size()), lost)),
                String.format(
                        Locale.ROOT,
                        "Tier 1 with the right of first refusal had most requests again %.1f s after it said its last 429,"
                                + " %.1f s after it could be reached again.%n",
                        backAfterFull,
                        backAfterOutage));
    }
}

package io.crowfly.bench.choose;

import io.crowfly.bench.choose.Place.Cloud;
import io.crowfly.bench.endpoint.Faults;
import io.crowfly.bench.proof.Claim;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Every backend of the cloud that is nearer answers 429 for a while. The other cloud has room. */
final class Storm {

    private static final int TOO_MANY_REQUESTS = 429;
    private static final double MOST_ATTEMPTS = 1.2;
    private static final long SEED = 1;

    private final Cloud near;
    private final List<String> stormy;
    private final Setting setting;

    private Storm(Cloud near, List<String> stormy, Setting setting) {
        this.near = near;
        this.stormy = stormy;
        this.setting = setting;
    }

    /** @param near the cloud that is nearer, and has the storm */
    static Shown show(Setting.Starter starter, Path folder, Cloud near, int seconds, PrintWriter progress)
            throws IOException, InterruptedException {
        Cloud far = near == Cloud.GOOGLE ? Cloud.AZURE : Cloud.GOOGLE;
        List<Place> places = List.of(
                Place.of("near-1", near, 150),
                Place.of("near-2", near, 160),
                Place.of("far-1", far, 250),
                Place.of("far-2", far, 270));
        try (Setting setting = Setting.open(starter, folder, places, "probes: {http: {path: /health}}\n")) {
            Shown shown = new Storm(near, List.of("near-1", "near-2"), setting).run(seconds);
            progress.printf("storm: %s, over%n", near);
            setting.explainFailures(progress);
            return shown;
        }
    }

    private Shown run(int seconds) throws InterruptedException {
        Traffic traffic = new Traffic(setting.clients(), Moves.PER_SECOND, () -> Ask.streamedChat("chat"));
        // Until requests are known to come and to be answered; where they go is not the matter.
        while (traffic.calls().size() < 2 * Moves.PER_SECOND) {
            Thread.sleep(50);
        }
        for (String place : stormy) {
            setting.behave(place, setting.usual(place).withFaults(new Faults.Share(1, TOO_MANY_REQUESTS, SEED)));
        }
        long from = System.nanoTime();
        TimeUnit.SECONDS.sleep(seconds);
        long to = System.nanoTime();
        long unanswered = traffic.stop();
        return shown(
                traffic.calls(),
                traffic.calls(from, to),
                setting.sightings(from, to).size(),
                unanswered);
    }

    private Shown shown(List<Call> all, List<Call> calls, long attempts, long unanswered) {
        String what = "storm at %s: ".formatted(near.dialect.name());
        long throttled =
                all.stream().filter(call -> call.status() == TOO_MANY_REQUESTS).count();
        long failed = all.stream().filter(Call::lost).count() + unanswered;
        double perRequest = (double) attempts / Math.max(1, calls.size());
        List<Claim> claims = List.of(
                Claim.none(what + "429s that clients saw", throttled),
                Claim.none(what + "failed requests of %,d".formatted(all.size() + unanswered), failed),
                Claim.within(what + "attempts for each request", MOST_ATTEMPTS, perRequest, ""));
        return new Shown(
                claims,
                String.format(
                        Locale.ROOT,
                        "Storm at %s: %,d requests in it made %,d attempts.%n",
                        near.dialect.name(),
                        calls.size(),
                        attempts));
    }
}

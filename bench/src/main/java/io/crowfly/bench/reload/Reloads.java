package io.crowfly.bench.reload;

import io.crowfly.bench.load.AdminClient;
import io.crowfly.bench.load.HttpCall;
import io.crowfly.bench.load.Wrk;
import io.crowfly.bench.proof.Claim;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The conf file edited again and again under load. */
final class Reloads {

    private static final int PROGRESS_EVERY = 10;

    private final Setting setting;
    private final PrintWriter progress;
    private final List<Claim> claims = new ArrayList<>();
    private final Map<String, Integer> done = new LinkedHashMap<>();
    private int taken;
    private int refused;
    private int wrongly;
    private int listenersAdded;
    private int listenersAnswering;
    private Wrk.Counts steady = new Wrk.Counts(0, 0, 0);
    private Map<String, Long> byBackend = Map.of();

    Reloads(Setting setting, PrintWriter progress) {
        this.setting = setting;
        this.progress = progress;
    }

    void run(int count) throws IOException, InterruptedException {
        ReloadWatch watch = new ReloadWatch(new AdminClient(setting.edits().admin()));
        long firstGeneration = watch.generation();
        SteadyLoad load = setting.steadyLoad();
        Calls slow = setting.slowCalls();
        Calls small = setting.smallCalls();
        try (slow;
                small) {
            List<Edit> edits = setting.edits().all();
            for (int i = 0; i < count; i++) {
                edit(edits.get(i % edits.size()), i % 2 == 0, watch);
                if ((i + 1) % PROGRESS_EVERY == 0) {
                    progress.printf("reload %d of %d, %,d calls beside%n", i + 1, count, small.whole() + slow.whole());
                    progress.flush();
                }
            }
        }
        long generations = watch.generation() - firstGeneration;
        steady = load.stop();
        restore(watch);
        byBackend = small.byBackend();
        claims.add(Claim.all("reloads with the right result", count, (long) taken + refused - wrongly));
        claims.add(Claim.all("conf generations from them", taken, generations));
        claims.add(Claim.all("added listeners that answer", listenersAdded, listenersAnswering));
        claims.add(Claim.none("reloads: failed requests of wrk's %,d".formatted(steady.requests()), steady.errors()));
        claims.add(Claim.none(
                "reloads: failed slow bodies of %,d".formatted(slow.whole()),
                slow.failed().size()));
        claims.add(Claim.none(
                "reloads: failed calls on fresh connections of %,d".formatted(small.whole()),
                small.failed().size()));
        tell(slow);
        tell(small);
    }

    private void edit(Edit edit, boolean inPlace, ReloadWatch watch) throws IOException, InterruptedException {
        if (inPlace) {
            edit.write(setting.conf());
        } else {
            edit.replace(setting.conf());
        }
        boolean result = watch.next();
        taken += result ? 1 : 0;
        refused += result ? 0 : 1;
        if (result != edit.good()) {
            wrongly++;
            progress.printf("%s was %s%n", edit.what(), result ? "taken" : "not taken");
        }
        done.merge(edit.what(), 1, Integer::sum);
        if (edit.what().equals(ConfEdits.LISTENER_ADDED)) {
            listenersAdded++;
            listenersAnswering += answers(setting.edits().second()) ? 1 : 0;
        }
    }

    /** Leaves the conf as it was at first, for what comes after. */
    private void restore(ReloadWatch watch) throws IOException, InterruptedException {
        String original = setting.edits().original();
        if (!Files.exists(setting.conf()) || !Files.readString(setting.conf()).equals(original)) {
            Files.writeString(setting.conf(), original);
            if (!watch.next()) {
                throw new IOException("the conf that the run began with is not taken any more");
            }
        }
    }

    private static boolean answers(int port) {
        try (HttpCall call = HttpCall.connect(port)) {
            call.get("/v1/models");
            return call.status() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    private void tell(Calls calls) {
        calls.failed().stream().limit(10).forEach(failed -> progress.println(failed.why()));
        progress.flush();
    }

    List<Claim> claims() {
        return claims;
    }

    String figures() {
        StringBuilder table = new StringBuilder("| edit | times |\n|---|--:|\n");
        done.forEach((what, times) -> table.append("| %s | %d |\n".formatted(what, times)));
        return "%d were taken, %d refused. Small calls by backend meanwhile: %s.%n%n%s"
                .formatted(taken, refused, byBackend, table);
    }
}

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

/**
 * First part of {@code bench reload}: edits the conf file repeatedly under load, and counts lost requests and wrong
 * reload results.
 */
final class Reloads {

    private static final int PROGRESS_EVERY = 10;

    private final ReloadTestBed testBed;
    private final PrintWriter progress;
    private final List<Claim> claims = new ArrayList<>();
    private final Map<String, Integer> editCounts = new LinkedHashMap<>();
    private int accepted;
    private int refused;
    private int wrongResults;
    private int listenersAdded;
    private int listenersResponding;
    private Wrk.Counts steadyCounts = new Wrk.Counts(0, 0, 0);
    private Map<String, Long> byBackend = Map.of();

    Reloads(ReloadTestBed testBed, PrintWriter progress) {
        this.testBed = testBed;
        this.progress = progress;
    }

    void run(int count) throws IOException, InterruptedException {
        ReloadMonitor monitor =
                new ReloadMonitor(new AdminClient(testBed.edits().adminPort()));
        long firstGeneration = monitor.generation();
        SteadyLoad load = testBed.steadyLoad();
        CallLoop slow = testBed.slowCalls();
        CallLoop small = testBed.smallCalls();
        try (slow;
                small) {
            List<ConfEdit> edits = testBed.edits().all();
            for (int i = 0; i < count; i++) {
                applyEdit(edits.get(i % edits.size()), i % 2 == 0, monitor);
                if ((i + 1) % PROGRESS_EVERY == 0) {
                    progress.printf(
                            "reload %d of %d, %,d calls meanwhile%n",
                            i + 1, count, small.completed() + slow.completed());
                    progress.flush();
                }
            }
        }
        long generations = monitor.generation() - firstGeneration;
        steadyCounts = load.stop();
        restore(monitor);
        byBackend = small.byBackend();
        claims.add(Claim.equal("reloads with the right result", count, (long) accepted + refused - wrongResults));
        claims.add(Claim.equal("conf generations from them", accepted, generations));
        claims.add(Claim.equal("added listeners that respond", listenersAdded, listenersResponding));
        claims.add(Claim.zero(
                "reloads: failed requests of wrk's %,d".formatted(steadyCounts.requests()), steadyCounts.errors()));
        claims.add(Claim.zero(
                "reloads: failed slow bodies of %,d".formatted(slow.completed()),
                slow.failed().size()));
        claims.add(Claim.zero(
                "reloads: failed calls on new connections of %,d".formatted(small.completed()),
                small.failed().size()));
        printFailures(slow);
        printFailures(small);
    }

    private void applyEdit(ConfEdit edit, boolean inPlace, ReloadMonitor monitor)
            throws IOException, InterruptedException {
        if (inPlace) {
            edit.write(testBed.conf());
        } else {
            edit.replace(testBed.conf());
        }
        boolean result = monitor.awaitNext();
        accepted += result ? 1 : 0;
        refused += result ? 0 : 1;
        if (result != edit.valid()) {
            wrongResults++;
            progress.printf("%s was %s%n", edit.description(), result ? "accepted" : "refused");
        }
        editCounts.merge(edit.description(), 1, Integer::sum);
        if (edit.description().equals(ConfEdits.LISTENER_ADDED)) {
            listenersAdded++;
            listenersResponding += responds(testBed.edits().secondListener()) ? 1 : 0;
        }
    }

    /** Restores the original conf, because the next part of the benchmark needs it. */
    private void restore(ReloadMonitor monitor) throws IOException, InterruptedException {
        String original = testBed.edits().original();
        if (!Files.exists(testBed.conf()) || !Files.readString(testBed.conf()).equals(original)) {
            Files.writeString(testBed.conf(), original);
            if (!monitor.awaitNext()) {
                throw new IOException("the balancer refuses the original conf");
            }
        }
    }

    private static boolean responds(int port) {
        try (HttpCall call = HttpCall.connect(port)) {
            call.get("/v1/models");
            return call.status() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    private void printFailures(CallLoop calls) {
        calls.failed().stream().limit(10).forEach(failed -> progress.println(failed.reason()));
        progress.flush();
    }

    List<Claim> claims() {
        return claims;
    }

    String figures() {
        StringBuilder table = new StringBuilder("| edit | times |\n|---|--:|\n");
        editCounts.forEach((what, times) -> table.append("| %s | %d |\n".formatted(what, times)));
        return "%d edits were accepted, %d refused. Small calls by backend meanwhile: %s.%n%n%s"
                .formatted(accepted, refused, byBackend, table);
    }
}

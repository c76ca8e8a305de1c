package io.crowfly.bench.rewriting;

import io.crowfly.bench.peers.Sample;
import io.crowfly.bench.peers.Scenario;
import io.crowfly.bench.peers.Spread;
import io.crowfly.bench.proof.Claim;
import io.crowfly.bench.proof.Proof;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a run shows, and what it says. */
final class RewritingReport {

    /** Of the CPU that a request takes when its body passes as it came. */
    private static final double MOST = 1.10;

    private static final double MIB = 1024 * 1024;

    private RewritingReport() {}

    /**
     * How much was done.
     *
     * @param pairs of processes
     * @param rounds of each process
     * @param seconds each round
     */
    record Extent(int pairs, int rounds, int seconds) {}

    static Proof of(List<Measured> measured, Extent extent, Map<String, String> facts) {
        List<Claim> claims = measured.stream().flatMap(RewritingReport::claims).toList();
        String figures = measured.stream().map(RewritingReport::figures).collect(Collectors.joining("\n"));
        return new Proof("A model's name replaced", method(extent), facts, claims, figures);
    }

    private static String method(Extent extent) {
        return """
                Chat completions of 2 KiB, POSTed over connections that are kept, to two Crowflys that differ in one line of their conf:
                `models: {%s: %s}`. Without it (`%s`) a body passes as it came; with it (`%s`) the model's name is
                found, replaced, and the length corrected. Each has one event loop and is pinned to core 1; load generator and backends (two
                nginx) are pinned to core 0. They are warmed up, then loaded in turn for %d s each, %d rounds: A B A B; and all that with %d pairs of
                new processes. Medians over all rounds, with least and most. CPU is user and system time of the process, all threads, by
                requests answered. Compare ratios: absolute times are this machine's.
                """.formatted(
                        RewritingBench.MODEL,
                        RewritingBench.DEPLOYMENT,
                        RewritingBench.PLAIN,
                        RewritingBench.RENAMING,
                        extent.seconds(),
                        extent.rounds(),
                        extent.pairs());
    }

    private static Stream<Claim> claims(Measured at) {
        String place = place(at.scenario());
        return Stream.of(
                Claim.within(place + ": CPU per request, of that of plain pass-through", MOST, at.ratio(), ""),
                same(place + ": the model that a backend is asked for", RewritingBench.DEPLOYMENT, at.renamedModel()),
                same(place + ": and the one without renaming", RewritingBench.MODEL, at.plainModel()),
                Claim.none("%s: errors in %,d requests".formatted(place, at.requests()), at.errors()));
    }

    private static Claim same(String what, String required, String seen) {
        return new Claim(what, required, seen, seen.equals(required));
    }

    private static String place(Scenario scenario) {
        return scenario == Scenario.POST ? "model first" : "model last";
    }

    private static String figures(Measured at) {
        String head = """
                ## %s: %s, %d connections

                | | CPU µs per request | least–most | to plain | requests per second | RSS, MiB |
                |---|--:|--:|--:|--:|--:|
                """.formatted(
                place(at.scenario()), at.scenario().summary(), at.scenario().connections());
        String ratios = at.ratios().stream()
                .map(ratio -> String.format(Locale.ROOT, "%.2f", ratio))
                .collect(Collectors.joining(" "));
        return head
                + line(RewritingBench.PLAIN, at.plain(), 1)
                + line(RewritingBench.RENAMING, at.renaming(), at.ratio())
                + "\nRound by round: " + ratios + ".\n";
    }

    private static String line(String name, List<Sample> samples, double ratio) {
        Spread cost = Spread.of(samples, Sample::cost);
        return String.format(
                Locale.ROOT,
                "| %s | %.1f | %.1f–%.1f | %.2f | %,.0f | %,.0f |%n",
                name,
                cost.median(),
                cost.min(),
                cost.max(),
                ratio,
                Spread.of(samples, Sample::perSecond).median(),
                Spread.of(samples, Sample::residentBytes).median() / MIB);
    }
}

package io.crowfly.bench.rewriting;

import io.crowfly.bench.peers.PeerScenario;
import io.crowfly.bench.peers.ProxySample;
import io.crowfly.bench.peers.Spread;
import io.crowfly.bench.proof.Claim;
import io.crowfly.bench.proof.Proof;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Report of {@code bench rewriting}: the CPU cost of replacing a model's name. */
final class ModelRenamingReport {

    /**
     * Required maximum of the CPU time of a request with renaming, divided by the CPU time of a request whose body is
     * unchanged.
     */
    private static final double MAX_RATIO = 1.10;

    private static final double MIB = 1024 * 1024;

    private ModelRenamingReport() {}

    /**
     * Extent of a run of {@code bench rewriting}.
     *
     * @param pairs pairs of processes
     * @param rounds rounds of each process
     * @param seconds duration of each round
     */
    record Extent(int pairs, int rounds, int seconds) {}

    static Proof of(List<RenamingComparison> comparisons, Extent extent, Map<String, String> facts) {
        List<Claim> claims =
                comparisons.stream().flatMap(ModelRenamingReport::claims).toList();
        String figures = comparisons.stream().map(ModelRenamingReport::figures).collect(Collectors.joining("\n"));
        return new Proof("A model's name replaced", method(extent), facts, claims, figures);
    }

    private static String method(Extent extent) {
        return """
                Chat completions of 2 KiB, POSTed over persistent connections to two Crowfly processes that differ in one
                line of their conf: `models: {%s: %s}`. Without this line (`%s`) the body is unchanged; with it (`%s`) the
                model's name is found and replaced, and the length is corrected. Each process has one event loop and is
                pinned to core 1; load generator and backends (two nginx) are pinned to core 0. The processes are warmed up,
                then loaded in turn for %d s each, %d rounds: A B A B, with %d pairs of new processes. Medians over all
                rounds, with least and most. CPU is user and system time of the process, all threads, per completed request.
                Compare ratios: absolute times depend on the machine.
                """.formatted(
                        RewritingBench.MODEL,
                        RewritingBench.DEPLOYMENT,
                        RewritingBench.PLAIN,
                        RewritingBench.RENAMING,
                        extent.seconds(),
                        extent.rounds(),
                        extent.pairs());
    }

    private static Stream<Claim> claims(RenamingComparison comparison) {
        String position = modelPosition(comparison.scenario());
        return Stream.of(
                Claim.within(
                        position + ": CPU per request, relative to pass-through", MAX_RATIO, comparison.ratio(), ""),
                same(
                        position + ": the model that a backend receives",
                        RewritingBench.DEPLOYMENT,
                        comparison.renamedModel()),
                same(position + ": the model without renaming", RewritingBench.MODEL, comparison.plainModel()),
                Claim.zero(
                        "%s: errors in %,d requests".formatted(position, comparison.requests()), comparison.errors()));
    }

    private static Claim same(String statement, String required, String seen) {
        return new Claim(statement, required, seen, seen.equals(required));
    }

    private static String modelPosition(PeerScenario scenario) {
        return scenario == PeerScenario.POST ? "model first" : "model last";
    }

    private static String figures(RenamingComparison comparison) {
        String head = """
                ## %s: %s, %d connections

                | | CPU µs per request | least–most | to plain | requests per second | RSS, MiB |
                |---|--:|--:|--:|--:|--:|
                """.formatted(
                        modelPosition(comparison.scenario()),
                        comparison.scenario().summary(),
                        comparison.scenario().connections());
        String ratios = comparison.ratios().stream()
                .map(ratio -> String.format(Locale.ROOT, "%.2f", ratio))
                .collect(Collectors.joining(" "));
        return head
                + line(RewritingBench.PLAIN, comparison.plain(), 1)
                + line(RewritingBench.RENAMING, comparison.renamed(), comparison.ratio())
                + "\nRound by round: " + ratios + ".\n";
    }

    private static String line(String name, List<ProxySample> samples, double ratio) {
        Spread cost = Spread.of(samples, ProxySample::cost);
        return String.format(
                Locale.ROOT,
                "| %s | %.1f | %.1f–%.1f | %.2f | %,.0f | %,.0f |%n",
                name,
                cost.median(),
                cost.min(),
                cost.max(),
                ratio,
                Spread.of(samples, ProxySample::perSecond).median(),
                Spread.of(samples, ProxySample::residentBytes).median() / MIB);
    }
}

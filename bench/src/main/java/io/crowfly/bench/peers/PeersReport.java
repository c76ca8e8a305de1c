package io.crowfly.bench.peers;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Report of {@code bench peers}: writes the results of a run as Markdown. The page describes the machine, but contains
 * no paths of the machine.
 */
final class PeersReport {

    /** Name of the proxy to which the ratios of all others refer. */
    private static final String REFERENCE = "haproxy";

    private static final double MIB = 1024 * 1024;

    private PeersReport() {}

    /**
     * @param facts facts about the machine and the programs: a label and a value for each
     * @param results for each scenario, the rounds of each proxy by its name
     */
    static String markdown(
            Map<String, String> facts,
            int rounds,
            int seconds,
            Map<PeerScenario, Map<String, List<ProxySample>>> results) {
        StringBuilder page = new StringBuilder("# Side by side with HAProxy and nginx\n\n");
        page.append(method(rounds, seconds));
        facts.forEach((label, value) -> page.append("- %s: %s\n".formatted(label, value)));
        results.forEach((scenario, proxies) -> page.append(section(scenario, proxies)));
        return page.toString();
    }

    private static String method(int rounds, int seconds) {
        return """
                Each proxy has one thread and is pinned to core 1; load generator and backends (two, persistent connections)
                are pinned to core 0. Proxies are warmed up, then loaded in turn for %d s each, %d rounds: A B C A B C.
                Medians over the rounds, with least and most. CPU is user and system time of the proxy's process, all
                threads, per completed request or event. Compare ratios: absolute times depend on the machine.

                """.formatted(seconds, rounds);
    }

    private static String section(PeerScenario scenario, Map<String, List<ProxySample>> proxies) {
        boolean streams = scenario == PeerScenario.SSE;
        StringBuilder table = new StringBuilder();
        table.append("\n## `%s`: %s, %d connections\n\n"
                .formatted(scenario.id(), scenario.summary(), scenario.connections()));
        table.append("| proxy | CPU µs per %s | least–most | to HAProxy | %ss per second | RSS, MiB |%s errors |\n"
                .formatted(scenario.unit(), scenario.unit(), streams ? " events per read |" : ""));
        table.append("|---|--:|--:|--:|--:|--:|%s--:|\n".formatted(streams ? "--:|" : ""));
        proxies.forEach((name, samples) -> {
            Spread cost = Spread.of(samples, ProxySample::cost);
            table.append("| %s | %s | %s–%s | %s | %s | %s |%s %d |\n"
                    .formatted(
                            name,
                            figure(cost.median()),
                            figure(cost.min()),
                            figure(cost.max()),
                            ratio(cost, proxies),
                            whole(Spread.of(samples, ProxySample::perSecond).median()),
                            whole(Spread.of(samples, ProxySample::residentBytes).median() / MIB),
                            streams
                                    ? " "
                                            + figure(Spread.of(samples, ProxySample::donePerRead)
                                                    .median()) + " |"
                                    : "",
                            samples.stream().mapToLong(ProxySample::errors).sum()));
        });
        return table.toString();
    }

    private static String ratio(Spread cost, Map<String, List<ProxySample>> proxies) {
        List<ProxySample> reference = proxies.get(REFERENCE);
        return reference == null
                ? "–"
                : String.format(
                        Locale.ROOT,
                        "%.2f",
                        cost.median() / Spread.of(reference, ProxySample::cost).median());
    }

    /** Formats a figure with about three digits: 0.1 is significant at 20 µs, but not at 10 ms. */
    private static String figure(double value) {
        return value < 10
                ? String.format(Locale.ROOT, "%.2f", value)
                : value < 1000 ? String.format(Locale.ROOT, "%.1f", value) : whole(value);
    }

    private static String whole(double value) {
        return String.format(Locale.ROOT, "%,.0f", value);
    }
}

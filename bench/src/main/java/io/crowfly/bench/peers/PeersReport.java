package io.crowfly.bench.peers;

import io.crowfly.bench.peers.PeerScenario.Generator;
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
        page.append(summary(results));
        results.forEach((scenario, proxies) -> page.append(section(scenario, proxies)));
        return page.toString();
    }

    private static String method(int rounds, int seconds) {
        return """
                Each proxy has one thread and is pinned to core 1; load generator and backends (two, persistent connections)
                are pinned to core 0. Proxies are warmed up, then loaded in turn for %d s each, %d rounds: A B C A B C.
                Medians over the rounds, with least and most. CPU is user and system time of the proxy's process, all
                threads, per completed request, handshake or event. Compare ratios: absolute times depend on the machine.
                With a constant rate, the latency of a request counts from the time at which it was due. Handshakes are
                made one after the other, without resumed sessions.

                """.formatted(seconds, rounds);
    }

    /** Returns the table of Crowfly's figures as ratios to HAProxy's, with the targets. */
    private static String summary(Map<PeerScenario, Map<String, List<ProxySample>>> results) {
        StringBuilder table = new StringBuilder("\n## Crowfly to HAProxy\n\n");
        table.append("| work | figure | Crowfly to HAProxy | target | |\n|---|---|--:|--:|---|\n");
        results.forEach((scenario, proxies) -> {
            List<ProxySample> own = proxies.get("crowfly");
            List<ProxySample> reference = proxies.get(REFERENCE);
            if (own != null && reference != null) {
                double ratio = median(scenario, own) / median(scenario, reference);
                table.append("| `%s` | %s | %s | at most %s | %s |\n"
                        .formatted(
                                scenario.id(),
                                scenario.generator() == Generator.OPEN_LOOP ? "p99" : "CPU per " + scenario.unit(),
                                twoDigits(ratio),
                                twoDigits(scenario.target()),
                                ratio <= scenario.target() ? "held" : "**missed**"));
            }
        });
        return table.toString();
    }

    /** Returns the median of the figure that the scenario compares. */
    private static double median(PeerScenario scenario, List<ProxySample> samples) {
        boolean latency = scenario.generator() == Generator.OPEN_LOOP;
        return Spread.of(samples, latency ? ProxySample::p99Millis : ProxySample::cost)
                .median();
    }

    private static String section(PeerScenario scenario, Map<String, List<ProxySample>> proxies) {
        boolean streams = scenario.generator() == Generator.STREAMS;
        boolean rate = scenario.generator() == Generator.OPEN_LOOP;
        StringBuilder table = new StringBuilder();
        table.append("\n## `%s`: %s, %d connections\n\n"
                .formatted(scenario.id(), scenario.summary(), scenario.connections()));
        table.append("| proxy | CPU µs per %s | least–most | to HAProxy | %ss per second | RSS, MiB |%s errors |\n"
                .formatted(
                        scenario.unit(), scenario.unit(), streams ? " events per read |" : rate ? " p99, ms |" : ""));
        table.append("|---|--:|--:|--:|--:|--:|%s--:|\n".formatted(streams || rate ? "--:|" : ""));
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
                                    ? column(Spread.of(samples, ProxySample::donePerRead))
                                    : rate ? column(Spread.of(samples, ProxySample::p99Millis)) : "",
                            samples.stream().mapToLong(ProxySample::errors).sum()));
        });
        return table.toString();
    }

    private static String column(Spread values) {
        return " " + figure(values.median()) + " |";
    }

    private static String ratio(Spread cost, Map<String, List<ProxySample>> proxies) {
        List<ProxySample> reference = proxies.get(REFERENCE);
        return reference == null
                ? "–"
                : twoDigits(
                        cost.median() / Spread.of(reference, ProxySample::cost).median());
    }

    private static String twoDigits(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
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

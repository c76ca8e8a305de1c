package io.crowfly.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PeersReportTest {

    private static final Map<String, String> FACTS = Map.of("kernel", "Linux 6.18");

    @Test
    void givesMediansTheirSpreadAndTheirRatioToHaProxy() {
        Map<String, List<ProxySample>> proxies = new LinkedHashMap<>();
        proxies.put("crowfly", List.of(sample(18_000), sample(30_000), sample(17_000)));
        proxies.put("haproxy", List.of(sample(20_000), sample(21_000), sample(19_000)));

        String page = PeersReport.markdown(FACTS, 3, 8, Map.of(PeerScenario.SMALL, proxies));

        assertThat(page)
                .contains("- kernel: Linux 6.18")
                .contains("for 8 s each, 3 rounds")
                .contains("| `small` | CPU per request | 0.90 | at most 1.00 | held |")
                .contains("## `small`:")
                .contains("| crowfly | 18.0 | 17.0–30.0 | 0.90 | 500 | 12 | 0 |")
                .contains("| haproxy | 20.0 | 19.0–21.0 | 1.00 | 500 | 12 | 0 |");
    }

    @Test
    void hasNoRatioWithoutHaProxy() {
        String page =
                PeersReport.markdown(FACTS, 1, 8, Map.of(PeerScenario.SMALL, Map.of("nginx", List.of(sample(20_000)))));

        assertThat(page).contains("| nginx | 20.0 | 20.0–20.0 | – | 500 | 12 | 0 |");
    }

    @Test
    void reportsEventsPerReadOfStreamsAndAllErrors() {
        ProxySample bunched = new ProxySample(1000, 15_000, 2, 12 << 20, 7, 100, 0);

        String page = PeersReport.markdown(
                FACTS, 2, 8, Map.of(PeerScenario.SSE, Map.of("haproxy", List.of(bunched, bunched))));

        assertThat(page)
                .contains("events per read")
                .contains("| haproxy | 15.0 | 15.0–15.0 | 1.00 | 500 | 12 | 10.0 | 14 |");
    }

    @Test
    void comparesTheLatencyAtAConstantRate() {
        ProxySample own = new ProxySample(1000, 10_000, 2, 12 << 20, 0, 0, 3.0);
        ProxySample reference = new ProxySample(1000, 20_000, 2, 12 << 20, 0, 0, 1.0);

        String page = PeersReport.markdown(
                FACTS, 1, 8, Map.of(PeerScenario.RATE, Map.of("crowfly", List.of(own), "haproxy", List.of(reference))));

        assertThat(page)
                .contains("| `rate` | p99 | 3.00 | at most 1.50 | **missed** |")
                .contains("| crowfly | 10.0 | 10.0–10.0 | 0.50 | 500 | 12 | 3.00 | 0 |");
    }

    @Test
    void averagesTheTwoMiddleValuesForTheMedian() {
        assertThat(Spread.of(
                        List.of(sample(10_000), sample(40_000), sample(20_000), sample(30_000)), ProxySample::cost))
                .isEqualTo(new Spread(25, 10, 40));
        assertThatThrownBy(() -> Spread.of(List.of(), ProxySample::cost)).isInstanceOf(IllegalArgumentException.class);
    }

    private static ProxySample sample(long cpuMicros) {
        return new ProxySample(1000, cpuMicros, 2, 12 << 20, 0, 0, 0);
    }
}

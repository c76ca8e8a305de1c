package io.crowfly.balancer.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.attempt.AttemptRecord;
import io.crowfly.balancer.attempt.AttemptRecord.Role;
import io.crowfly.balancer.exchange.Outcome;
import io.crowfly.balancer.routing.Candidates;
import io.crowfly.probes.forecast.Api;
import io.crowfly.probes.forecast.RequestClass;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MetricsTest {

    private final Metrics metrics = new Metrics("1.2.3");

    private static Outcome outcome(int status, int attempts, Optional<String> failure, boolean clientLeft) {
        return outcome(status, Collections.nCopies(attempts, tried(Role.RETRY)), failure, clientLeft);
    }

    private static AttemptRecord tried(Role role) {
        return new AttemptRecord(0, role, "next best", Optional.empty(), "200", 1, true, -1, Optional.empty());
    }

    private static Outcome outcome(
            int status, List<AttemptRecord> tried, Optional<String> failure, boolean clientLeft) {
        return new Outcome(
                "id",
                "",
                "127.0.0.1",
                "POST",
                "/v1/chat/completions",
                new RequestClass(Api.CHAT_COMPLETIONS, "", false),
                Candidates.NONE,
                Optional.empty(),
                tried,
                false,
                "",
                status,
                failure,
                clientLeft,
                false,
                0,
                0,
                0,
                1_000_000,
                -1,
                -1,
                Optional.empty(),
                2_000_000);
    }

    private String text() {
        return metrics.text(Metrics.contentType(""));
    }

    private static String requests(String code, int count) {
        return "crowfly_requests_total{backend=\"\",provider=\"\",code=\"" + code + "\",} " + count + ".0";
    }

    @Test
    void doesNotCountAClosedClientConnectionAsAnError() {
        metrics.count(outcome(Outcome.CLIENT_CLOSED_REQUEST, 1, Optional.of("client closed the connection"), true));
        metrics.count(outcome(200, 1, Optional.of("client closed the connection"), true));
        assertThat(text())
                .contains(
                        requests("client_closed", 1),
                        requests("2xx", 1),
                        requests("4xx", 0),
                        "crowfly_request_errors_total{backend=\"\",provider=\"\",} 0.0");
    }

    @Test
    void countsFailuresOfConnectedClientsAsErrors() {
        metrics.count(outcome(502, 3, Optional.of("connection refused"), false));
        metrics.count(outcome(200, 1, Optional.of("connection closed"), false));
        metrics.count(outcome(404, 0, Optional.of("unknown model"), false));
        assertThat(text())
                .contains(
                        requests("5xx", 1),
                        requests("4xx", 1),
                        "crowfly_request_errors_total{backend=\"\",provider=\"\",} 2.0",
                        "crowfly_retries_total 2.0");
    }

    @Test
    void countsExplorationsAndHedges() {
        metrics.count(outcome(200, List.of(tried(Role.EXPLORATION)), Optional.empty(), false));
        metrics.count(outcome(200, List.of(tried(Role.FIRST), tried(Role.HEDGE)), Optional.empty(), false));
        assertThat(text())
                .contains(
                        "crowfly_explored_requests_total 1.0",
                        "crowfly_hedges_total 1.0",
                        "crowfly_retries_total 1.0",
                        "crowfly_panic_requests_total 0.0");
    }

    @Test
    void reportsTheVersion() {
        assertThat(text()).contains("crowfly_build_info{version=\"1.2.3\",} 1.0");
    }
}

package io.crowfly.balancer.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.probes.forecast.ProbeTimes;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TelemetryTest {

    private static final long NOW = Instant.parse("2026-10-05T09:15:00Z").toEpochMilli();

    /** @param lines {@code name: value}, separated by bars */
    private static HttpHeaders headers(String lines) {
        HttpHeaders headers = DefaultHttpHeadersFactory.headersFactory().newHeaders();
        for (String line : lines.split("\\|")) {
            int colon = line.indexOf(':');
            headers.add(
                    line.substring(0, colon).trim(), line.substring(colon + 1).trim());
        }
        return headers;
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            retry-after: 12|retry-after-ms: 11480                                     ; 11480
            x-ms-retry-after-ms: 200|retry-after: 12                                  ; 200
            retry-after-ms: -1|x-ms-retry-after-ms: 200                               ; 200
            retry-after: 86400                                                        ; 86400000
            retry-after: 0                                                            ; 0
            retry-after: 1.5                                                          ; 1500
            retry-after: Mon, 05 Oct 2026 09:15:07 GMT                                ; 7000
            retry-after: Mon, 05 Oct 2026 09:14:07 GMT                                ; 0
            retry-after: soon|x-ratelimit-reset-requests: 3                           ; 3000
            x-ratelimit-reset-requests: 120ms|x-ratelimit-reset-tokens: 6m0s          ; 120
            x-ratelimit-reset-tokens: 6m0s                                            ; 360000
            x-ratelimit-reset-tokens: 1h2m3.5s                                        ; 3723500
            x-ratelimit-reset-requests: 0|x-ratelimit-reset-tokens: 55                ; 55000
            x-ratelimit-limit-tokens: -1|x-ratelimit-reset-tokens: 0                  ; -1
            x-ratelimit-reset-tokens: 6 minutes                                       ; -1
            x-ratelimit-reset-tokens: -5s                                             ; -1
            x-rate-limit-reset-tokens: 55                                             ; 55000
            x-other: 1                                                                ; -1
            """)
    void readsTheDelayBeforeARetry(String lines, long millis) {
        long expected = millis < 0 ? ProbeTimes.ABSENT : TimeUnit.MILLISECONDS.toNanos(millis);
        assertThat(Telemetry.retryAfterNanos(headers(lines), NOW)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            openai-processing-ms: 231|x-envoy-upstream-service-time: 240  ; 231000
            x-envoy-upstream-service-time: 240                            ; 240000
            'server-timing: gfet4t7; dur=412'                             ; 412000
            'server-timing: a;desc="x", b;dur="4.5"'                      ; 4500
            'server-timing: a;dur=soon'                                   ; -1
            openai-processing-ms: -3                                      ; -1
            x-other: 1                                                    ; -1
            """)
    void readsTheBackendsProcessingTime(String lines, long micros) {
        long expected = micros < 0 ? ProbeTimes.ABSENT : TimeUnit.MICROSECONDS.toNanos(micros);
        assertThat(Telemetry.serverNanos(headers(lines))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            x-ratelimit-limit-requests: 600|x-ratelimit-remaining-requests: 597                                  ; 0.995 ; -1
            x-ratelimit-limit-tokens: 100000|x-ratelimit-remaining-tokens: 0|x-ratelimit-reset-tokens: 12        ; 0     ; 12
            x-ratelimit-limit-tokens: -1|x-ratelimit-remaining-tokens: -1|x-ratelimit-reset-tokens: 0            ; 1     ; -1
            x-ratelimit-limit-requests: 0|x-ratelimit-remaining-requests: 0                                      ; 1     ; -1
            x-ratelimit-limit-requests: 10|x-ratelimit-remaining-requests: 20                                    ; 1     ; -1
            x-ratelimit-remaining-tokens: 3                                                                      ; 1     ; -1
            """)
    void readsTheRemainingQuota(String lines, double left, long resetSeconds) {
        long reset = resetSeconds < 0 ? ProbeTimes.ABSENT : TimeUnit.SECONDS.toNanos(resetSeconds);
        assertThat(Telemetry.lowestQuota(headers(lines))).isEqualTo(new Telemetry.Quota(left, reset));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            x-request-id: a|apim-request-id: b|x-ms-request-id: a  ; a b
            apim-request-id: b                                     ; b
            x-other: 1                                             ; ''
            """)
    void readsTheBackendsRequestIds(String lines, String ids) {
        assertThat(Telemetry.requestIds(headers(lines))).isEqualTo(ids);
    }

    private static final List<String> NAMES = List.of(
            "retry-after-ms",
            "x-ms-retry-after-ms",
            "retry-after",
            "x-ratelimit-reset-requests",
            "x-ratelimit-reset-tokens",
            "x-ratelimit-limit-requests",
            "x-ratelimit-remaining-requests",
            "openai-processing-ms",
            "x-envoy-upstream-service-time",
            "server-timing");

    @Provide
    Arbitrary<String> values() {
        return Arbitraries.oneOf(
                Arbitraries.strings().withChars("0123456789.-+eEmshµn ;=,\"dur").ofMaxLength(40),
                Arbitraries.strings()
                        .ascii()
                        .excludeChars('\r', '\n', '\0', '\u000b', '\f')
                        .ofMaxLength(40),
                Arbitraries.doubles().map(String::valueOf),
                Arbitraries.longs().map(String::valueOf),
                Arbitraries.longs().map(value -> value + "h"));
    }

    @Property(seed = "1")
    void neverThrowsAndIsNeverNegative(@ForAll("values") String value) {
        for (String name : NAMES) {
            HttpHeaders headers = DefaultHttpHeadersFactory.headersFactory()
                    .withValidation(false)
                    .newHeaders();
            headers.set(name, value).set("x-ratelimit-limit-requests", value.isEmpty() ? "1" : value);
            headers.set("x-ratelimit-remaining-requests", "1");
            for (long nanos : new long[] {
                Telemetry.retryAfterNanos(headers, NOW),
                Telemetry.serverNanos(headers),
                Telemetry.lowestQuota(headers).resetNanos()
            }) {
                assertThat(nanos).isGreaterThanOrEqualTo(ProbeTimes.ABSENT);
            }
            assertThat(Telemetry.lowestQuota(headers).remainingShare()).isBetween(0.0, 1.0);
        }
    }
}

package io.crowfly.balancer.exchange;

import static io.crowfly.balancer.exchange.Ending.Then.FAILED;
import static io.crowfly.balancer.exchange.Ending.Then.GIVE;
import static io.crowfly.balancer.exchange.Ending.Then.NEXT;
import static io.crowfly.balancer.exchange.Ending.Then.READ_ON;
import static io.crowfly.balancer.exchange.Ending.Then.SAME_AGAIN;
import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.exchange.Ending.Then;
import io.crowfly.balancer.exchange.UpstreamFailure.Kind;
import io.crowfly.probes.Observation.Strike;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The table of second attempts, cell by cell. */
class EndingTest {

    private record Row(Then repeatable, Then creating, Optional<Strike> strike) {
        Row(Then repeatable, Then creating, Strike strike) {
            this(repeatable, creating, Optional.of(strike));
        }

        Row(Then repeatable, Then creating) {
            this(repeatable, creating, Optional.empty());
        }
    }

    private static final Map<Ending, Row> TABLE = new EnumMap<>(Map.ofEntries(
            Map.entry(Ending.ANSWERED, new Row(GIVE, GIVE)),
            Map.entry(Ending.NO_CREDENTIAL, new Row(NEXT, NEXT)),
            Map.entry(Ending.NO_CONNECTION, new Row(NEXT, NEXT, Strike.UNREACHABLE)),
            Map.entry(Ending.UNSENT, new Row(NEXT, NEXT)),
            Map.entry(Ending.STALE, new Row(SAME_AGAIN, FAILED)),
            Map.entry(Ending.CLOSED, new Row(NEXT, FAILED, Strike.FAILED)),
            Map.entry(Ending.SILENT, new Row(NEXT, FAILED, Strike.SILENT)),
            Map.entry(Ending.BROKEN, new Row(FAILED, FAILED, Strike.BROKEN)),
            Map.entry(Ending.OVERLOADED, new Row(NEXT, GIVE, Strike.FAILED)),
            Map.entry(Ending.THROTTLED, new Row(NEXT, NEXT)),
            Map.entry(Ending.UNAUTHORIZED, new Row(NEXT, NEXT, Strike.UNAUTHORIZED)),
            Map.entry(Ending.FORBIDDEN, new Row(NEXT, NEXT, Strike.FORBIDDEN)),
            Map.entry(Ending.UNCLEAR, new Row(READ_ON, READ_ON)),
            Map.entry(Ending.ELSEWHERE, new Row(NEXT, NEXT)),
            Map.entry(Ending.NO_DEPLOYMENT, new Row(NEXT, NEXT, Strike.NO_DEPLOYMENT))));

    @Test
    void everyEndingHasItsConsequence() {
        assertThat(TABLE).containsOnlyKeys(Ending.values());
        TABLE.forEach((ending, row) -> {
            assertThat(ending.then(RetryClass.SAFE)).as("%s", ending).isEqualTo(row.repeatable());
            assertThat(ending.then(RetryClass.STATELESS)).as("%s", ending).isEqualTo(row.repeatable());
            assertThat(ending.then(RetryClass.CREATING)).as("%s", ending).isEqualTo(row.creating());
            assertThat(ending.strike()).as("%s", ending).isEqualTo(row.strike());
        });
    }

    @Test
    void everyStatusHasItsEnding() {
        Set<Integer> overloaded = Set.of(408, 409, 500, 502, 503, 504);
        for (int status = 200; status < 600; status++) {
            for (boolean ours : new boolean[] {true, false}) {
                for (boolean model : new boolean[] {true, false}) {
                    for (boolean elsewhere : new boolean[] {true, false}) {
                        Ending expected = Ending.ANSWERED;
                        if (overloaded.contains(status)) {
                            expected = Ending.OVERLOADED;
                        } else if (status == 429) {
                            expected = Ending.THROTTLED;
                        } else if (ours && (status == 401 || status == 403)) {
                            expected = status == 401 ? Ending.UNAUTHORIZED : Ending.FORBIDDEN;
                        } else if ((model || elsewhere) && status == 404 || elsewhere && status == 400) {
                            expected = Ending.UNCLEAR;
                        }
                        assertThat(Ending.of(status, ours, model, elsewhere))
                                .as("%s", status)
                                .isEqualTo(expected);
                    }
                }
            }
        }
    }

    @Test
    void everyFailureHasItsEnding() {
        for (boolean reused : new boolean[] {true, false}) {
            for (boolean written : new boolean[] {true, false}) {
                assertThat(Ending.of(Kind.NO_CREDENTIAL, reused, written)).isEqualTo(Ending.NO_CREDENTIAL);
                for (Kind kind : List.of(Kind.CONNECT, Kind.CONNECT_TIMEOUT)) {
                    assertThat(Ending.of(kind, reused, written)).isEqualTo(Ending.NO_CONNECTION);
                }
                for (Kind kind : List.of(Kind.CLOSED_IN_ANSWER, Kind.BAD_ANSWER)) {
                    assertThat(Ending.of(kind, reused, written)).isEqualTo(Ending.BROKEN);
                }
                assertThat(Ending.of(Kind.FIRST_BYTE_TIMEOUT, reused, written)).isEqualTo(Ending.SILENT);
            }
            assertThat(Ending.of(Kind.CLOSED_BEFORE_ANSWER, reused, false)).isEqualTo(Ending.UNSENT);
        }
        assertThat(Ending.of(Kind.CLOSED_BEFORE_ANSWER, true, true)).isEqualTo(Ending.STALE);
        assertThat(Ending.of(Kind.CLOSED_BEFORE_ANSWER, false, true)).isEqualTo(Ending.CLOSED);
    }
}

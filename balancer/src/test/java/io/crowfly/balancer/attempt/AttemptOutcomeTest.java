package io.crowfly.balancer.attempt;

import static io.crowfly.balancer.attempt.AttemptOutcome.NextStep.DELIVER;
import static io.crowfly.balancer.attempt.AttemptOutcome.NextStep.FAIL;
import static io.crowfly.balancer.attempt.AttemptOutcome.NextStep.NEXT_BACKEND;
import static io.crowfly.balancer.attempt.AttemptOutcome.NextStep.OWNER_AGAIN;
import static io.crowfly.balancer.attempt.AttemptOutcome.NextStep.READ_BODY;
import static io.crowfly.balancer.attempt.AttemptOutcome.NextStep.SAME_BACKEND;
import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.attempt.AttemptOutcome.NextStep;
import io.crowfly.balancer.attempt.UpstreamFailure.Kind;
import io.crowfly.balancer.content.response.ReportedError;
import io.crowfly.balancer.message.RetryClass;
import io.crowfly.probes.Observation.FailureKind;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The table of retries, cell by cell. */
class AttemptOutcomeTest {

    private record Row(NextStep repeatable, NextStep continuing, NextStep creating, Optional<FailureKind> failure) {
        Row(NextStep repeatable, NextStep continuing, NextStep creating, FailureKind failure) {
            this(repeatable, continuing, creating, Optional.of(failure));
        }

        Row(NextStep repeatable, NextStep continuing, NextStep creating) {
            this(repeatable, continuing, creating, Optional.empty());
        }
    }

    private static final Map<AttemptOutcome, Row> TABLE = new EnumMap<>(Map.ofEntries(
            Map.entry(AttemptOutcome.RESPONSE, new Row(DELIVER, DELIVER, DELIVER)),
            Map.entry(AttemptOutcome.NO_CREDENTIAL, new Row(NEXT_BACKEND, NEXT_BACKEND, NEXT_BACKEND)),
            Map.entry(
                    AttemptOutcome.NO_CONNECTION,
                    new Row(NEXT_BACKEND, NEXT_BACKEND, NEXT_BACKEND, FailureKind.UNREACHABLE)),
            Map.entry(AttemptOutcome.NOT_WRITTEN, new Row(NEXT_BACKEND, NEXT_BACKEND, NEXT_BACKEND)),
            Map.entry(AttemptOutcome.STALE_UNWRITTEN, new Row(SAME_BACKEND, SAME_BACKEND, SAME_BACKEND)),
            Map.entry(AttemptOutcome.STALE_CONNECTION, new Row(SAME_BACKEND, SAME_BACKEND, FAIL)),
            Map.entry(AttemptOutcome.NO_RESPONSE, new Row(NEXT_BACKEND, OWNER_AGAIN, FAIL, FailureKind.ERROR)),
            Map.entry(AttemptOutcome.TIMED_OUT, new Row(NEXT_BACKEND, OWNER_AGAIN, FAIL, FailureKind.TIMED_OUT)),
            Map.entry(AttemptOutcome.BROKEN, new Row(FAIL, FAIL, FAIL, FailureKind.INTERRUPTED)),
            Map.entry(AttemptOutcome.BROKEN_STREAM, new Row(NEXT_BACKEND, OWNER_AGAIN, FAIL, FailureKind.INTERRUPTED)),
            Map.entry(AttemptOutcome.EMPTY_STREAM, new Row(NEXT_BACKEND, OWNER_AGAIN, DELIVER, FailureKind.ERROR)),
            Map.entry(
                    AttemptOutcome.INCOMPLETE_ERROR, new Row(NEXT_BACKEND, OWNER_AGAIN, FAIL, FailureKind.INTERRUPTED)),
            Map.entry(AttemptOutcome.OVERLOADED, new Row(NEXT_BACKEND, OWNER_AGAIN, DELIVER, FailureKind.ERROR)),
            Map.entry(AttemptOutcome.THROTTLED, new Row(NEXT_BACKEND, NEXT_BACKEND, NEXT_BACKEND)),
            Map.entry(
                    AttemptOutcome.UNAUTHORIZED,
                    new Row(NEXT_BACKEND, NEXT_BACKEND, NEXT_BACKEND, FailureKind.UNAUTHORIZED)),
            Map.entry(
                    AttemptOutcome.FORBIDDEN, new Row(NEXT_BACKEND, NEXT_BACKEND, NEXT_BACKEND, FailureKind.FORBIDDEN)),
            Map.entry(AttemptOutcome.UNCLEAR, new Row(READ_BODY, READ_BODY, READ_BODY)),
            Map.entry(AttemptOutcome.NOT_FOUND_HERE, new Row(NEXT_BACKEND, NEXT_BACKEND, NEXT_BACKEND)),
            Map.entry(
                    AttemptOutcome.NO_DEPLOYMENT,
                    new Row(NEXT_BACKEND, NEXT_BACKEND, NEXT_BACKEND, FailureKind.NO_DEPLOYMENT))));

    @Test
    void everyOutcomeHasItsNextStepAndFailure() {
        assertThat(TABLE).containsOnlyKeys(AttemptOutcome.values());
        TABLE.forEach((outcome, row) -> {
            assertThat(outcome.nextStep(RetryClass.SAFE)).as("%s", outcome).isEqualTo(row.repeatable());
            assertThat(outcome.nextStep(RetryClass.GENERATING))
                    .as("%s", outcome)
                    .isEqualTo(row.repeatable());
            assertThat(outcome.nextStep(RetryClass.CONTINUING))
                    .as("%s", outcome)
                    .isEqualTo(row.continuing());
            assertThat(outcome.nextStep(RetryClass.CREATING)).as("%s", outcome).isEqualTo(row.creating());
            assertThat(outcome.failure()).as("%s", outcome).isEqualTo(row.failure());
        });
    }

    @Test
    void everyStatusHasItsOutcome() {
        for (int status = 200; status < 1000; status++) {
            boolean overloaded = status == 408 || status == 409 || status / 100 == 5 && status != 501 && status != 505;
            for (boolean ours : new boolean[] {true, false}) {
                for (boolean model : new boolean[] {true, false}) {
                    for (boolean elsewhere : new boolean[] {true, false}) {
                        AttemptOutcome expected = AttemptOutcome.RESPONSE;
                        if (overloaded) {
                            expected = AttemptOutcome.OVERLOADED;
                        } else if (status == 429) {
                            expected = AttemptOutcome.THROTTLED;
                        } else if (ours && (status == 401 || status == 403)) {
                            expected = status == 401 ? AttemptOutcome.UNAUTHORIZED : AttemptOutcome.FORBIDDEN;
                        } else if ((model || elsewhere) && status == 404 || elsewhere && status == 400) {
                            expected = AttemptOutcome.UNCLEAR;
                        }
                        assertThat(AttemptOutcome.of(status, ours, model, elsewhere))
                                .as("%s", status)
                                .isEqualTo(expected);
                    }
                }
            }
        }
    }

    @Test
    void everyFailureKindHasItsOutcome() {
        for (boolean reused : new boolean[] {true, false}) {
            for (boolean written : new boolean[] {true, false}) {
                for (boolean streamed : new boolean[] {true, false}) {
                    assertOutcomes(reused, written, streamed);
                }
            }
        }
    }

    private static void assertOutcomes(boolean reused, boolean written, boolean streamed) {
        Map<Kind, AttemptOutcome> expected = new EnumMap<>(Map.of(
                Kind.NO_CREDENTIAL, AttemptOutcome.NO_CREDENTIAL,
                Kind.CONNECT, AttemptOutcome.NO_CONNECTION,
                Kind.CONNECT_TIMEOUT, AttemptOutcome.NO_CONNECTION,
                Kind.CLOSED_DURING_RESPONSE, streamed ? AttemptOutcome.BROKEN_STREAM : AttemptOutcome.BROKEN,
                Kind.BAD_RESPONSE, streamed ? AttemptOutcome.BROKEN_STREAM : AttemptOutcome.BROKEN,
                Kind.FIRST_BYTE_TIMEOUT, AttemptOutcome.TIMED_OUT,
                Kind.ERROR_STALLED, AttemptOutcome.INCOMPLETE_ERROR));
        AttemptOutcome closed = reused ? AttemptOutcome.STALE_CONNECTION : AttemptOutcome.NO_RESPONSE;
        AttemptOutcome unwritten = reused ? AttemptOutcome.STALE_UNWRITTEN : AttemptOutcome.NOT_WRITTEN;
        expected.put(Kind.CLOSED_BEFORE_RESPONSE, written ? closed : unwritten);
        assertThat(expected).containsOnlyKeys(Kind.values());
        expected.forEach((kind, outcome) -> assertThat(AttemptOutcome.of(kind, reused, written, streamed))
                .as("%s", kind)
                .isEqualTo(outcome));
    }

    @Test
    void anErrorEventHasTheOutcomeOfTheStatusThatItStandsFor() {
        assertThat(ofEvent("429", false)).isEqualTo(AttemptOutcome.THROTTLED);
        assertThat(ofEvent("server_error", false)).isEqualTo(AttemptOutcome.OVERLOADED);
        assertThat(ofEvent("", false)).isEqualTo(AttemptOutcome.OVERLOADED);
        assertThat(ofEvent("invalid_api_key", false)).isEqualTo(AttemptOutcome.UNAUTHORIZED);
        assertThat(ofEvent("PermissionDenied", false)).isEqualTo(AttemptOutcome.FORBIDDEN);
        assertThat(ofEvent("content_filter", true)).isEqualTo(AttemptOutcome.RESPONSE);
        assertThat(ofEvent("DeploymentNotFound", false)).isEqualTo(AttemptOutcome.NO_DEPLOYMENT);
        assertThat(ofEvent("previous_response_not_found", true)).isEqualTo(AttemptOutcome.NOT_FOUND_HERE);
        assertThat(ofEvent("previous_response_not_found", false)).isEqualTo(AttemptOutcome.RESPONSE);
    }

    private static AttemptOutcome ofEvent(String code, boolean mayHaveAnotherOwner) {
        return AttemptOutcome.ofEvent(new ReportedError("", code, ""), true, true, mayHaveAnotherOwner);
    }
}

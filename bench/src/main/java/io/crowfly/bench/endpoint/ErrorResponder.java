package io.crowfly.bench.endpoint;

import io.crowfly.bench.endpoint.dialect.EndpointRefusal;
import io.crowfly.bench.endpoint.fixture.ErrorFixtures;

/**
 * Sends error responses in the dialect's form. Refusals are counted, because a client that retries elsewhere would hide
 * them.
 */
final class ErrorResponder {

    private final ErrorFixtures fixtures;
    private final EndpointStatistics.Recorder recorder;

    ErrorResponder(ErrorFixtures errors, EndpointStatistics.Recorder recorder) {
        this.fixtures = errors;
        this.recorder = recorder;
    }

    void refuse(EndpointExchange exchange, EndpointRefusal refusal, boolean streamed) {
        recorder.requestRefused(refusal);
        exchange.respond(fixtures.response(refusal, streamed));
    }

    /** Sends an error that the behaviour or the model's name requested; it is not counted as a refusal. */
    void sendFault(EndpointExchange exchange, int status, boolean streamed) {
        exchange.respond(fixtures.response(EndpointRefusal.withStatus(status, ""), streamed));
    }
}

package io.crowfly.bench.endpoint;

import io.crowfly.bench.endpoint.dialect.EndpointRefusal;
import io.crowfly.bench.endpoint.fixture.ErrorFixtures;

/**
 * Sender of the simulated endpoint's error responses, in the dialect's form. It counts refusals, because a client that
 * retries at another backend would hide them.
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

    /**
     * Sends an error that the configured behaviour or the model's name demands. Such an error does not count as a
     * refusal.
     */
    void sendFault(EndpointExchange exchange, int status, boolean streamed) {
        exchange.respond(fixtures.response(EndpointRefusal.withStatus(status, ""), streamed));
    }
}

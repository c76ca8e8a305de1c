package io.crowfly.bench.endpoint;

import io.crowfly.bench.endpoint.dialect.Refusal;
import io.crowfly.bench.endpoint.fixture.ErrorFixtures;

/** Says no in the dialect's manner, and keeps a note of it: a client that retries elsewhere would hide it otherwise. */
final class ErrorResponder {

    private final ErrorFixtures fixtures;
    private final EndpointStatistics.Recorder recorder;

    ErrorResponder(ErrorFixtures errors, EndpointStatistics.Recorder journal) {
        this.fixtures = errors;
        this.recorder = journal;
    }

    void refuse(Exchange exchange, Refusal refusal, boolean streamed) {
        recorder.requestRefused(refusal);
        exchange.respond(fixtures.response(refusal, streamed));
    }

    /** An error that was asked for: by a script, or by a model's name. */
    void sendFault(Exchange exchange, int status, boolean streamed) {
        exchange.respond(fixtures.response(Refusal.withStatus(status, ""), streamed));
    }
}

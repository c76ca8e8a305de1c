package io.crowfly.balancer.exchange;

import io.crowfly.balancer.attempt.Snapshot;
import io.crowfly.balancer.message.ErrorResponse;
import io.crowfly.balancer.message.Request;
import io.crowfly.balancer.provider.ClientTarget;
import io.crowfly.balancer.routing.Candidates;
import java.util.Optional;

/**
 * Why a request goes nowhere.
 *
 * @param response what the client is told
 * @param reason in a few words, for the logs
 */
record Refusal(ErrorResponse response, String reason) {

    /** By what a request's head alone says. */
    static Optional<Refusal> ofHead(Request request, Snapshot snapshot) {
        long limit = snapshot.conf().limits().bodySize();
        if (request.head.contentLength() > limit) {
            return Optional.of(bodyTooLarge(limit));
        }
        boolean evasive = request.target.form() == ClientTarget.Form.AMBIGUOUS;
        if (evasive && snapshot.table().usesPath()) {
            return Optional.of(
                    new Refusal(ErrorResponse.unknownUrl(request.head), "a path that can be read in several ways"));
        } else if (request.target.isMalformed()) {
            return Optional.of(new Refusal(ErrorResponse.invalidModel(), "the target names no model"));
        } else if (request.head.bodyIsFirstMessage() && snapshot.table().confinesModels()) {
            // Its later messages are not read, and any of them may name another model.
            return Optional.of(new Refusal(ErrorResponse.webSocketNotAllowed(), "a WebSocket past rules about models"));
        }
        return Optional.empty();
    }

    /**
     * By what has come of its body, the last of which has been {@linkplain Request#onBody read}.
     *
     * @param sent whether it is on its way to a backend, which has not answered
     */
    static Optional<Refusal> ofBody(Request request, Snapshot snapshot, boolean sent) {
        if (request.namesModelTwice()) {
            return Optional.of(new Refusal(ErrorResponse.modelTwice(), "model named twice"));
        } else if (sent && snapshot.table().needsModel() && request.hidesModel()) {
            return Optional.of(new Refusal(ErrorResponse.unreadableBody(), "unreadable behind the model"));
        }
        return Optional.empty();
    }

    static Refusal bodyTooLarge(long limit) {
        return new Refusal(ErrorResponse.bodyTooLarge(limit), "body too large");
    }

    /** @param candidates of which none can take it */
    static Refusal notServed(Request request, Snapshot snapshot, Candidates candidates) {
        if (candidates == Candidates.UNDECIDED) {
            return new Refusal(ErrorResponse.unreadableModel(), "rules differ for models, and its own is not read");
        }
        String model = request.model();
        boolean pathServed = snapshot.upstreams().stream()
                .anyMatch(upstream -> upstream.dialect().serves(request.target));
        if (!pathServed || !candidates.served() && model.isEmpty()) {
            return new Refusal(ErrorResponse.unknownUrl(request.head), "no backend serves this path");
        } else if (candidates.served()) {
            return new Refusal(ErrorResponse.noHealthyBackend(candidates.rule()), "no healthy backend");
        }
        return new Refusal(ErrorResponse.unknownModel(model), "unknown model");
    }
}

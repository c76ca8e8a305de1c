package io.crowfly.balancer.exchange;

import io.crowfly.balancer.provider.ClientTarget;
import io.crowfly.balancer.routing.Candidates;
import java.util.Optional;

/**
 * Why a request goes nowhere.
 *
 * @param answer what the client is told
 * @param reason in a few words, for the logs
 */
record Refusal(ErrorAnswer answer, String reason) {

    /** By what a request's head alone says. */
    static Optional<Refusal> ofHead(Request request, Snapshot snapshot) {
        long limit = snapshot.conf().limits().bodySize();
        if (request.head.contentLength() > limit) {
            return Optional.of(bodyTooLarge(limit));
        }
        boolean evasive = request.target.form() == ClientTarget.Form.EVASIVE;
        if (evasive && snapshot.table().looksAtPath()) {
            return Optional.of(
                    new Refusal(ErrorAnswer.unknownUrl(request.head), "a path that can be read in several ways"));
        } else if (request.target.malformed()) {
            return Optional.of(new Refusal(ErrorAnswer.noName(), "the target names no model"));
        } else if (request.head.bodyIsFirstMessage() && snapshot.table().confinesModels()) {
            // Its later messages are not read, and any of them may name another model.
            return Optional.of(new Refusal(ErrorAnswer.unconfinedWebSocket(), "a WebSocket past rules about models"));
        }
        return Optional.empty();
    }

    /**
     * By what has come of its body, the last of which has been {@linkplain Request#read read}.
     *
     * @param sent whether it is on its way to a backend, which has not answered
     */
    static Optional<Refusal> ofBody(Request request, Snapshot snapshot, boolean sent) {
        if (request.namesModelTwice()) {
            return Optional.of(new Refusal(ErrorAnswer.modelTwice(), "model named twice"));
        } else if (sent && snapshot.table().needsModel() && request.hidesModel()) {
            return Optional.of(new Refusal(ErrorAnswer.unreadable(), "unreadable behind the model"));
        }
        return Optional.empty();
    }

    static Refusal bodyTooLarge(long limit) {
        return new Refusal(ErrorAnswer.bodyTooLarge(limit), "body too large");
    }

    /** @param candidates of which none can take it */
    static Refusal unserved(Request request, Snapshot snapshot, Candidates candidates) {
        if (candidates == Candidates.UNDECIDED) {
            return new Refusal(ErrorAnswer.modelUnread(), "rules differ for models, and its own is not read");
        }
        String model = request.model();
        boolean pathServed = snapshot.upstreams().stream()
                .anyMatch(upstream -> upstream.dialect().serves(request.target));
        if (!pathServed || !candidates.served() && model.isEmpty()) {
            return new Refusal(ErrorAnswer.unknownUrl(request.head), "no backend serves this path");
        } else if (candidates.served()) {
            return new Refusal(ErrorAnswer.noHealthyBackend(candidates.rule()), "no healthy backend");
        }
        return new Refusal(ErrorAnswer.unknownModel(model), "unknown model");
    }
}

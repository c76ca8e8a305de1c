package io.crowfly.balancer.exchange;

import io.crowfly.balancer.attempt.Snapshot;
import io.crowfly.balancer.message.ErrorResponse;
import io.crowfly.balancer.message.Request;
import io.crowfly.balancer.provider.ClientTarget;
import io.crowfly.balancer.routing.Candidates;
import io.crowfly.balancer.routing.RoutingTable;
import java.util.Optional;

/**
 * Refusal of a client's request that Crowfly does not send to a backend (any more): the error response and its reason.
 *
 * @param response the error for the client
 * @param reason for the logs, in a few words
 */
record Refusal(ErrorResponse response, String reason) {

    /** Returns the refusal that the request's head leads to; empty if the head is acceptable. */
    static Optional<Refusal> ofHead(Request request, Snapshot snapshot) {
        if (Preflight.is(request.head)) {
            // Exchange has responded to an allowed one.
            return Optional.of(new Refusal(ErrorResponse.originNotAllowed(), "origin not allowed"));
        }
        long limit = request.maxBodyBytes(snapshot.conf().limits());
        if (request.head.contentLength() > limit) {
            return Optional.of(bodyTooLarge(limit));
        }
        Optional<String> header =
                RuledHeaders.findAmbiguous(request.head, snapshot.table().ruledHeaders());
        if (header.isEmpty() && snapshot.table().usesPath()) {
            header = RuledHeaders.findPathOverride(request.head.headers());
        }
        if (header.isPresent()) {
            return Optional.of(new Refusal(ErrorResponse.ambiguousHeader(header.get()), "ambiguous header"));
        } else if (isPathAmbiguous(request.target, snapshot.table())) {
            return Optional.of(new Refusal(ErrorResponse.ambiguousPath(), "ambiguous path"));
        } else if (request.target.isMalformed()) {
            return Optional.of(new Refusal(ErrorResponse.invalidModel(), "invalid model in the target"));
        } else if (request.head.bodyIsFirstMessage() && snapshot.table().confinesModels()) {
            // Later messages of the WebSocket are not read, and each of them may name another model.
            return Optional.of(
                    new Refusal(ErrorResponse.webSocketNotAllowed(), "WebSocket not allowed by rules about models"));
        }
        return Optional.empty();
    }

    /** Returns whether a backend may find another path, or another model in the path, than the one that rules see. */
    private static boolean isPathAmbiguous(ClientTarget target, RoutingTable table) {
        return table.usesPath() && (!target.hasPlainPath() || table.pathDependsOnCase(target.path()))
                || table.confinesModels() && target.mayHideModel();
    }

    /** Returns the refusal by the part of the body that has been {@linkplain Request#onBody scanned}, if any. */
    static Optional<Refusal> ofBody(Request request, RoutingTable table) {
        if (request.namesModelTwice()) {
            return Optional.of(new Refusal(ErrorResponse.modelTwice(), "model named twice"));
        }
        // If routing does not depend on bodies, Crowfly forwards broken ones too.
        Optional<ErrorResponse> broken = table.benefitsFromModel() ? request.brokenJson() : Optional.empty();
        if (broken.isPresent()) {
            return Optional.of(new Refusal(broken.get(), "broken JSON"));
        } else if (request.hidesModel()) {
            return Optional.of(new Refusal(request.unreadable(), "body not readable after the model"));
        }
        return Optional.empty();
    }

    static Refusal bodyTooLarge(long limit) {
        return new Refusal(ErrorResponse.bodyTooLarge(limit), "body too large");
    }

    private static boolean isRefusedBy(String rule, Snapshot snapshot) {
        return snapshot.conf().routing().rules().stream()
                .anyMatch(each -> each.name().equals(rule) && each.refuses());
    }

    /**
     * Returns the refusal of a request for which no candidate is available.
     *
     * @param candidates the candidates of the routing decision
     * @param limited whether a backend was skipped because of its {@code max-in-flight}
     */
    static Refusal notServed(Request request, Snapshot snapshot, Candidates candidates, boolean limited) {
        if (candidates == Candidates.UNDECIDED) {
            return new Refusal(ErrorResponse.unreadableModel(), "rules depend on the model, which is not readable");
        }
        Optional<String> refusing = candidates.rule().filter(name -> isRefusedBy(name, snapshot));
        if (refusing.isPresent()) {
            return new Refusal(ErrorResponse.refusedByRule(refusing.get()), "refused by rule " + refusing.get());
        }
        String model = request.model();
        boolean pathServed = snapshot.upstreams().stream()
                .anyMatch(upstream -> upstream.dialect().serves(request.target));
        if (!pathServed || !candidates.served() && model.isEmpty()) {
            return new Refusal(ErrorResponse.unknownUrl(request.head), "no backend serves this path");
        } else if (candidates.served()) {
            return new Refusal(
                    ErrorResponse.noHealthyBackend(candidates.rule()),
                    limited ? "backends at their max-in-flight" : "no healthy backend");
        }
        return new Refusal(ErrorResponse.unknownModel(model), "unknown model");
    }
}

package io.crowfly.balancer.exchange;

import io.crowfly.balancer.message.Downstream;
import io.crowfly.balancer.message.JsonResponse;
import io.crowfly.balancer.message.Request;
import io.crowfly.balancer.provider.ModelsEndpoint;
import java.util.Optional;

/** Response that Crowfly makes itself, without a backend. */
sealed interface LocalResponse {

    int status();

    int bodyBytes();

    void sendTo(Downstream downstream);

    /** Permission for a web page to send another request. */
    record ToPreflight(Request request) implements LocalResponse {

        @Override
        public int status() {
            return Preflight.STATUS;
        }

        @Override
        public int bodyBytes() {
            return 0;
        }

        @Override
        public void sendTo(Downstream downstream) {
            Preflight.respond(request, downstream);
        }
    }

    /** Models of the conf. */
    record Models(Request request, ModelsEndpoint.Response response) implements LocalResponse {

        @Override
        public int status() {
            return response.status();
        }

        @Override
        public int bodyBytes() {
            return response.body().length;
        }

        @Override
        public void sendTo(Downstream downstream) {
            new JsonResponse(response.status(), response.body()).sendTo(downstream, request.id);
        }
    }

    /** Returns the response to a request that needs no backend; empty for any other request. */
    static Optional<LocalResponse> to(Request request, ModelsEndpoint models) {
        if (Preflight.is(request.head) && Preflight.isAllowed(request.head)) {
            return Optional.of(new ToPreflight(request));
        }
        Optional<ModelsEndpoint.Response> response = models.respond(request.head.method(), request.target);
        return response.isPresent() ? Optional.of(new Models(request, response.get())) : Optional.empty();
    }
}

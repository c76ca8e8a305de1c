package io.crowfly.balancer.differential;

import io.crowfly.balancer.affinity.Owner;
import io.crowfly.balancer.message.HeldMemory;
import io.crowfly.balancer.message.Request;
import io.crowfly.balancer.message.RequestHead;
import io.crowfly.balancer.provider.ClientTarget;
import io.crowfly.balancer.provider.Dialect;
import io.crowfly.balancer.routing.Rules;
import io.crowfly.balancer.testbed.TestSnapshots;
import io.crowfly.balancer.transport.DirectMemory;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import java.util.Optional;

/** How Crowfly reads a request, in the steps of an exchange. */
final class CrowflyReading {

    /** A path whose requests may have a form with or without a model. */
    private static final String PATH = "/v1/images/variations";

    private static final Dialect PLAIN = Dialect.of(TestSnapshots.backend("a"), source -> "");

    private CrowflyReading() {}

    /**
     * Returns the model by which Crowfly routes, where models decide; an empty text for none.
     *
     * @param cut where the body is cut into two chunks
     * @return empty if Crowfly refuses the request, before or after it has chosen a route
     */
    static Optional<String> model(Form form, int cut) {
        HttpHeaders headers = DefaultHttpHeadersFactory.headersFactory().newHeaders();
        headers.set(HttpHeaderNames.CONTENT_TYPE, form.contentType());
        int length = form.body().length;
        Request request = new Request(
                new RequestHead(HttpMethod.POST, "http", "h", PATH, headers, length, false),
                "id",
                new HeldMemory(DirectMemory.ofJvm()));
        Optional<String> model = Optional.empty();
        for (int step = 0; step < 3; step++) {
            switch (step) {
                case 0 -> request.onBody(Unpooled.wrappedBuffer(form.body(), 0, cut));
                case 1 -> request.onBody(Unpooled.wrappedBuffer(form.body(), cut, length - cut));
                default -> request.onEnd(EmptyHttpHeaders.INSTANCE);
            }
            if (request.namesModelTwice() || request.hidesModel()) {
                return Optional.empty();
            }
            if (model.isEmpty() && request.isDecided(true, false)) {
                // To a request whose model is unread, every rule about models applies.
                if (request.modelError(true).isPresent()
                        || request.facts(Owner.NONE).modelUnread()) {
                    return Optional.empty();
                }
                request.onRouted(true);
                model = Optional.of(request.model());
            }
        }
        return model;
    }

    /**
     * Returns the path that rules see, which is the path that a plain backend receives.
     *
     * @return empty if Crowfly refuses the request
     */
    static Optional<String> path(String target, Rules rules) {
        ClientTarget parsed = ClientTarget.parse(target);
        return parsed.hasPlainPath() && !rules.pathDependsOnCase(parsed.path()) && !parsed.isMalformed()
                ? Optional.of(parsed.path())
                : Optional.empty();
    }

    /** Returns the target that a plain backend receives. */
    static String forwarded(String target) {
        return PLAIN.target(ClientTarget.parse(target), "m");
    }
}

package io.crowfly.balancer.exchange;

import io.crowfly.balancer.message.CorsPolicy;
import io.crowfly.balancer.message.Downstream;
import io.crowfly.balancer.message.Request;
import io.crowfly.balancer.message.RequestHead;
import io.crowfly.balancer.message.RequestIds;
import io.crowfly.balancer.message.ResponseHead;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;

/** Request by which a browser learns whether a web page may send another one. Crowfly responds without a backend. */
final class Preflight {

    static final int STATUS = 204;

    private Preflight() {}

    static boolean is(RequestHead head) {
        return head.cors().isPreflight(head.method(), head.headers());
    }

    /** Returns whether the page may use the listener. Call only for a preflight. */
    static boolean isAllowed(RequestHead head) {
        CorsPolicy cors = head.cors();
        return cors.allows(cors.originOf(head.headers()));
    }

    /** Sends the response to an allowed preflight. */
    static void respond(Request request, Downstream downstream) {
        HttpHeaders headers = DefaultHttpHeadersFactory.headersFactory().newHeaders();
        headers.set(RequestIds.HEADER, request.id);
        request.head.cors().addPermissions(headers, request.head.headers());
        downstream.sendHead(new ResponseHead(STATUS, headers));
        downstream.sendEnd(EmptyHttpHeaders.INSTANCE);
    }
}

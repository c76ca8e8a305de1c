package io.crowfly.balancer.admin;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.QueryStringDecoder;

/**
 * What a page has to know of its request.
 *
 * @param fromOtherSite whether a browser sent it on behalf of some other site's page, which may reach a loopback address
 *     too
 */
record Asked(String method, QueryStringDecoder query, String accept, boolean fromOtherSite) {

    static Asked of(HttpRequest request) {
        String origin = request.headers().get(HttpHeaderNames.ORIGIN, "");
        String host = request.headers().get(HttpHeaderNames.HOST, "");
        return new Asked(
                request.method().name(),
                new QueryStringDecoder(request.uri()),
                request.headers().get(HttpHeaderNames.ACCEPT, ""),
                !origin.isEmpty() && !origin.equals("http://" + host));
    }
}

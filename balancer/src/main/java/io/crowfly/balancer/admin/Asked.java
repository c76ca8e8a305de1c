package io.crowfly.balancer.admin;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.util.NetUtil;

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
                !origin.isEmpty() && !(origin.equals("http://" + host) && isNoDnsName(host)));
    }

    /** A name may have been made to resolve to loopback by whoever serves the page; these can't be. */
    private static boolean isNoDnsName(String host) {
        int port = host.lastIndexOf(':');
        String name = port > host.lastIndexOf(']') ? host.substring(0, port) : host;
        return name.equals("localhost") || name.startsWith("[") || NetUtil.isValidIpV4Address(name);
    }
}

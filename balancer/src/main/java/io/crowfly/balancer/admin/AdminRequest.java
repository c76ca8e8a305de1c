package io.crowfly.balancer.admin;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.util.NetUtil;

/**
 * The parts of an admin request that pages use.
 *
 * @param crossOrigin whether a browser sent the request from a page of another site; such pages can reach loopback
 *     addresses as well
 */
record AdminRequest(String method, QueryStringDecoder uri, String accept, boolean crossOrigin) {

    static AdminRequest of(HttpRequest request) {
        String origin = request.headers().get(HttpHeaderNames.ORIGIN, "");
        String host = request.headers().get(HttpHeaderNames.HOST, "");
        return new AdminRequest(
                request.method().name(),
                new QueryStringDecoder(request.uri()),
                request.headers().get(HttpHeaderNames.ACCEPT, ""),
                !origin.isEmpty() && !(origin.equals("http://" + host) && isLocalhostOrIpAddress(host)));
    }

    /** Returns whether DNS cannot redirect this host: an attacker's DNS name may resolve to a loopback address. */
    private static boolean isLocalhostOrIpAddress(String host) {
        int port = host.lastIndexOf(':');
        String name = port > host.lastIndexOf(']') ? host.substring(0, port) : host;
        return name.equals("localhost") || name.startsWith("[") || NetUtil.isValidIpV4Address(name);
    }
}

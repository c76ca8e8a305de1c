package io.crowfly.balancer.admin;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The parts of an admin request that pages use.
 *
 * @param path decoded
 * @param parameters of the query, decoded
 * @param hosts the requested host in lower case and without its port: one in {@code Host}, and one more in a target
 *     that is a URL
 * @param crossOrigin whether a browser sent the request from a page of another site; such pages can reach loopback
 *     addresses as well
 */
record AdminRequest(
        String method,
        String path,
        Map<String, List<String>> parameters,
        List<String> hosts,
        String authorization,
        String accept,
        boolean crossOrigin) {

    /** A name or an IPv4 address, possibly empty, or an IPv6 address in brackets; then possibly a port. */
    private static final Pattern AUTHORITY = Pattern.compile("([A-Za-z0-9._~-]*|\\[[0-9A-Fa-f:.]+])(?::[0-9]*)?");

    private static final Pattern URL = Pattern.compile("(?i:https?)://([^/?#]*)([^#]*)");

    /** Returns the request; empty if the request is malformed. */
    static Optional<AdminRequest> parse(HttpRequest request) {
        HttpHeaders headers = request.headers();
        List<String> authorities = new ArrayList<>(headers.getAll(HttpHeaderNames.HOST));
        boolean needsHost = request.protocolVersion().minorVersion() > 0;
        if (request.decoderResult().isFailure()
                || request.protocolVersion().majorVersion() != 1
                || authorities.size() > 1
                || needsHost && authorities.isEmpty()) {
            return Optional.empty();
        }
        String origin = headers.get(HttpHeaderNames.ORIGIN, "");
        boolean crossOrigin = !origin.isEmpty()
                && authorities.stream()
                        .noneMatch(host -> origin.equals("http://" + host) || origin.equals("https://" + host));
        String target = request.uri();
        Matcher url = URL.matcher(target);
        if (url.matches()) {
            authorities.add(url.group(1));
            target = url.group(2);
        }
        List<String> hosts = hosts(authorities);
        if (!isPath(target) || hosts.size() < authorities.size()) {
            return Optional.empty();
        }
        try {
            QueryStringDecoder decoder = new QueryStringDecoder(target);
            return Optional.of(new AdminRequest(
                    request.method().name(),
                    decoder.path(),
                    decoder.parameters(),
                    hosts,
                    headers.get(HttpHeaderNames.AUTHORIZATION, ""),
                    headers.get(HttpHeaderNames.ACCEPT, ""),
                    crossOrigin));
        } catch (IllegalArgumentException e) {
            // An incomplete or invalid percent-encoding.
            return Optional.empty();
        }
    }

    private static boolean isPath(String target) {
        return target.startsWith("/") && target.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '#');
    }

    /** Returns the hosts of those authorities that are valid. */
    private static List<String> hosts(List<String> authorities) {
        List<String> hosts = new ArrayList<>();
        for (String authority : authorities) {
            Matcher parts = AUTHORITY.matcher(authority);
            if (parts.matches()) {
                hosts.add(parts.group(1).toLowerCase(Locale.ROOT));
            }
        }
        return List.copyOf(hosts);
    }
}

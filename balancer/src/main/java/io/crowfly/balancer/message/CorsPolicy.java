package io.crowfly.balancer.message;

import io.crowfly.conf.Cors;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.util.AsciiString;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/*
 * A browser lets a page read a response of another origin only if the response says so, and sends most requests only
 * after a preflight has said so (https://fetch.spec.whatwg.org/#http-cors-protocol). Credentials are not allowed in the
 * sense of that standard: they are cookies, which the API does not use. A key in `authorization` is no such credential.
 */

/**
 * Policy of a listener for web pages of other origins: the headers of responses and of responses to preflights that
 * allow a page to use the listener. Backends do not receive the headers of this protocol. Immutable.
 */
public final class CorsPolicy {

    /** Policy of a listener without {@code cors}: all headers pass, and a preflight is a request like any other. */
    public static final CorsPolicy NONE = new CorsPolicy(null);

    private static final AsciiString PRIVATE_NETWORK = AsciiString.cached("access-control-request-private-network");

    private static final List<AsciiString> REQUEST_HEADERS = List.of(
            HttpHeaderNames.ORIGIN,
            HttpHeaderNames.ACCESS_CONTROL_REQUEST_METHOD,
            HttpHeaderNames.ACCESS_CONTROL_REQUEST_HEADERS,
            PRIVATE_NETWORK);

    /** Every header: request ids, rate limits, the time until a retry. */
    private static final AsciiString ALL = AsciiString.cached("*");

    private static final AsciiString METHODS = AsciiString.cached("GET, HEAD, POST, PUT, PATCH, DELETE");

    /** How long a browser may keep the response to a preflight: two hours, the maximum of Chromium. */
    private static final AsciiString MAX_AGE_SECONDS = AsciiString.cached("7200");

    private final @Nullable Cors cors;

    private CorsPolicy(@Nullable Cors cors) {
        this.cors = cors;
    }

    public static CorsPolicy of(Optional<Cors> cors) {
        return cors.isPresent() ? new CorsPolicy(cors.get()) : NONE;
    }

    /** Returns whether the request only checks whether another one is allowed, so that no backend receives it. */
    public boolean isPreflight(HttpMethod method, HttpHeaders headers) {
        return cors != null
                && method.equals(HttpMethod.OPTIONS)
                && headers.contains(HttpHeaderNames.ORIGIN)
                && headers.contains(HttpHeaderNames.ACCESS_CONTROL_REQUEST_METHOD);
    }

    /** Returns the origin of the page that has sent a request; empty if there is none or more than one. */
    public String originOf(HttpHeaders headers) {
        if (cors == null) {
            return "";
        }
        List<String> origins = headers.getAll(HttpHeaderNames.ORIGIN);
        return origins.size() == 1 ? origins.get(0) : "";
    }

    /** Returns whether pages of this origin may use the listener. */
    public boolean allows(String origin) {
        return cors != null && !origin.isEmpty() && cors.allows(origin);
    }

    /**
     * Adds to the response to a preflight of an {@linkplain #allows allowed} origin what {@link #applyTo} does not add.
     *
     * @param request headers of the preflight
     */
    public void addPermissions(HttpHeaders response, HttpHeaders request) {
        response.set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        response.set(HttpHeaderNames.ACCESS_CONTROL_MAX_AGE, MAX_AGE_SECONDS);
        // Named one by one, because `*` does not include `authorization`.
        String requested = request.get(HttpHeaderNames.ACCESS_CONTROL_REQUEST_HEADERS, "");
        if (!requested.isEmpty() && isListOfNames(requested)) {
            response.set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_HEADERS, requested);
        }
    }

    /** Returns whether the text has only the characters of usual header names, commas and spaces. */
    private static boolean isListOfNames(String text) {
        return text.chars()
                .allMatch(c -> c >= 'a' && c <= 'z'
                        || c >= 'A' && c <= 'Z'
                        || c >= '0' && c <= '9'
                        || c == '-'
                        || c == '_'
                        || c == ','
                        || c == ' ');
    }

    /**
     * Replaces the headers about origins that a backend may have sent by those of this policy.
     *
     * @param origin of the request, see {@link #originOf}
     */
    public void applyTo(HttpHeaders response, String origin) {
        if (cors == null) {
            return;
        }
        response.remove(HttpHeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN);
        response.remove(HttpHeaderNames.ACCESS_CONTROL_ALLOW_CREDENTIALS);
        response.remove(HttpHeaderNames.ACCESS_CONTROL_EXPOSE_HEADERS);
        if (!cors.anyOrigin()) {
            // Caches must not give the response to a page of another origin.
            response.add(HttpHeaderNames.VARY, HttpHeaderNames.ORIGIN);
        }
        if (cors.anyOrigin() || allows(origin)) {
            response.set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, cors.anyOrigin() ? Cors.ANY : origin);
            response.set(HttpHeaderNames.ACCESS_CONTROL_EXPOSE_HEADERS, ALL);
        }
    }

    /** Removes the headers of a request that only this policy uses. */
    public void removeFrom(HttpHeaders request) {
        if (cors != null) {
            REQUEST_HEADERS.forEach(request::remove);
        }
    }
}

package io.crowfly.balancer.listener;

import io.crowfly.balancer.message.CorsPolicy;
import io.crowfly.balancer.message.ErrorResponse;
import io.crowfly.balancer.message.HopByHopHeaders;
import io.crowfly.balancer.message.RequestHead;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.util.List;
import java.util.Set;

/**
 * Conversion of the HTTP/1.1 request heads that Netty decodes into {@link RequestHead}s. Checks them, and refuses
 * invalid requests with an error response.
 */
final class Http1RequestHeads {

    private Http1RequestHeads() {}

    /** Refusal of an invalid request, with the error response for the client. */
    static final class RefusedException extends Exception {

        private static final long serialVersionUID = 1L;

        private final transient ErrorResponse response;

        private RefusedException(ErrorResponse response) {
            super(response.message(), null, false, false);
            this.response = response;
        }

        ErrorResponse response() {
            return response;
        }
    }

    /** Returns the head of a request. The head uses the request's headers object and changes it. */
    static RequestHead headOf(HttpRequest request, String scheme, CorsPolicy cors) throws RefusedException {
        if (request.decoderResult().isFailure()) {
            throw new RefusedException(
                    responseToDecodingError(request.decoderResult().cause()));
        }
        HttpHeaders headers = request.headers();
        boolean http11 = request.protocolVersion().equals(HttpVersion.HTTP_1_1);
        if (!http11 && !request.protocolVersion().equals(HttpVersion.HTTP_1_0)) {
            throw refusal(505, "http_version", "This server supports HTTP/1.1 and HTTP/1.0.");
        }
        if (request.method().equals(HttpMethod.CONNECT) || request.method().equals(HttpMethod.TRACE)) {
            throw refusal(405, "method_not_allowed", request.method() + " is not supported.");
        }
        String target = request.uri();
        if (!isVisibleAscii(target) || target.indexOf('#') >= 0) {
            throw refusal(400, "bad_target", "The request's target must be percent-encoded.");
        }
        String authority = authority(headers, http11);
        if (!target.startsWith("/")) {
            int pathStart = absoluteFormPath(target);
            authority = checkedAuthority(target.substring(target.indexOf("://") + 3, pathStart));
            if (authority.isEmpty()) {
                throw refusal(400, "bad_target", "The request's target must have a host.");
            }
            target = pathStart == target.length() ? "/" : target.substring(pathStart);
        }
        if (headers.contains("transfer_encoding") || headers.contains("content_length")) {
            // Some servers treat underscores as hyphens, and would look for the end of the body elsewhere.
            throw refusal(400, "bad_request", "`transfer_encoding` and `content_length` must be written with hyphens.");
        }
        boolean expectsContinue = expectsContinue(headers, http11);
        boolean chunked = HttpUtil.isTransferEncodingChunked(request);
        if (chunked && headers.getAll(HttpHeaderNames.TRANSFER_ENCODING).size() + commas(headers) > 1) {
            throw refusal(501, "transfer_encoding", "Only the chunked transfer coding is supported.");
        }
        long contentLength = chunked ? RequestHead.UNKNOWN_LENGTH : HttpUtil.getContentLength(request, 0L);
        boolean webSocket = http11 && contentLength == 0 && requestsWebSocket(request);
        Set<String> nominated = HopByHopHeaders.strip(headers);
        if (webSocket) {
            headers.set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET);
        }
        headers.remove(HttpHeaderNames.HOST);
        headers.remove(HttpHeaderNames.EXPECT);
        return new RequestHead(
                request.method(), scheme, authority, target, headers, nominated, contentLength, expectsContinue, cors);
    }

    private static boolean requestsWebSocket(HttpRequest request) {
        HttpHeaders headers = request.headers();
        return request.method().equals(HttpMethod.GET)
                && headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)
                && headers.containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true);
    }

    /** Returns the response to a request whose head or body cannot be decoded. */
    static ErrorResponse responseToDecodingError(Throwable cause) {
        if (cause instanceof TooLongHttpHeaderException || cause instanceof TooLongHttpLineException) {
            return ErrorResponse.invalidRequest(431, "head_too_large", "The request's head is too large.");
        } else if (cause instanceof HeadMemory.ExhaustedException) {
            return ErrorResponse.overloaded();
        }
        return ErrorResponse.invalidRequest(400, "bad_request", "The request is not valid HTTP/1.1.");
    }

    private static String authority(HttpHeaders headers, boolean http11) throws RefusedException {
        List<String> hosts = headers.getAll(HttpHeaderNames.HOST);
        if (hosts.size() > 1 || http11 && hosts.isEmpty()) {
            throw refusal(400, "bad_host", "An HTTP/1.1 request must have exactly one Host header.");
        }
        return hosts.isEmpty() ? "" : checkedAuthority(hosts.get(0));
    }

    private static String checkedAuthority(String authority) throws RefusedException {
        if (!isVisibleAscii(authority) || containsDelimiter(authority)) {
            throw refusal(
                    400, "bad_host", "The host of a request must be a host name or address, with an optional port.");
        }
        return authority;
    }

    private static boolean containsDelimiter(String authority) {
        for (int i = 0; i < authority.length(); i++) {
            if ("/?#@\\".indexOf(authority.charAt(i)) >= 0) {
                return true;
            }
        }
        return false;
    }

    /**
     * Returns whether the text has no spaces, control characters or characters beyond ASCII. Netty accepts control
     * characters here, which another server may interpret as the end of a line.
     */
    private static boolean isVisibleAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c <= ' ' || c >= 0x7f) {
                return false;
            }
        }
        return true;
    }

    private static int absoluteFormPath(String target) throws RefusedException {
        if (!target.startsWith("http://") && !target.startsWith("https://")) {
            throw refusal(400, "bad_target", "The request's target must be a path.");
        }
        int start = target.indexOf("://") + 3;
        int slash = target.indexOf('/', start);
        int query = target.indexOf('?', start);
        if (query >= 0 && (slash < 0 || query < slash)) {
            throw refusal(400, "bad_target", "The request's target must have a path.");
        }
        return slash < 0 ? target.length() : slash;
    }

    private static boolean expectsContinue(HttpHeaders headers, boolean http11) throws RefusedException {
        String expect = headers.get(HttpHeaderNames.EXPECT);
        if (expect == null || !http11) {
            return false;
        }
        if (!HttpHeaderValues.CONTINUE.contentEqualsIgnoreCase(expect)) {
            throw refusal(417, "expectation_failed", "The only supported expectation is 100-continue.");
        }
        return true;
    }

    private static int commas(HttpHeaders headers) {
        return (int) headers.get(HttpHeaderNames.TRANSFER_ENCODING)
                .chars()
                .filter(c -> c == ',')
                .count();
    }

    private static RefusedException refusal(int status, String code, String message) {
        return new RefusedException(ErrorResponse.invalidRequest(status, code, message));
    }
}

package io.crowfly.balancer.upstream;

import io.crowfly.balancer.attempt.UpstreamFailure;
import io.crowfly.balancer.attempt.UpstreamFailure.Kind;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.net.ConnectException;
import java.net.UnknownHostException;

/** Conversion of faults of a connection to {@link UpstreamFailure}s with a short reason for operators. */
final class UpstreamFailures {

    /** Maximum length of a reason, in characters, so that it fits in a line of a terminal. */
    private static final int MAX_REASON_CHARS = 160;

    private UpstreamFailures() {}

    static UpstreamFailure ofConnect(Throwable cause) {
        if (cause instanceof ConnectTimeoutException) {
            return new UpstreamFailure(Kind.CONNECT_TIMEOUT, "connecting timed out");
        } else if (cause instanceof ConnectException && describe(cause).contains("refused")) {
            return new UpstreamFailure(Kind.CONNECT, "connection refused");
        } else if (cause instanceof UnknownHostException) {
            return new UpstreamFailure(Kind.CONNECT, "host name does not resolve");
        }
        return new UpstreamFailure(Kind.CONNECT, "cannot connect: " + describe(cause));
    }

    static UpstreamFailure ofHandshake(Throwable cause) {
        if (cause instanceof SslHandshakeTimeoutException) {
            return new UpstreamFailure(Kind.CONNECT_TIMEOUT, "TLS handshake timed out");
        }
        Throwable root = cause;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return new UpstreamFailure(Kind.CONNECT, "TLS handshake failed: " + describe(root));
    }

    /**
     * Returns the failure for a closed connection. Its kind depends on the received part of the response, because a
     * request may be sent again only if nothing was received.
     *
     * @param how how the connection was closed, in a few words
     * @param inResponse whether the head of a response was received
     * @param inHead whether a part of the head was received
     */
    static UpstreamFailure ofClose(String how, boolean inResponse, boolean inHead) {
        if (inResponse) {
            return new UpstreamFailure(Kind.CLOSED_DURING_RESPONSE, how + " during a response");
        } else if (inHead) {
            return new UpstreamFailure(Kind.BAD_RESPONSE, how + " in the head of a response");
        }
        return new UpstreamFailure(Kind.CLOSED_BEFORE_RESPONSE, how + " before a response");
    }

    /** Returns the message of an exception as printable ASCII, for a log line or a header. */
    static String describe(Throwable cause) {
        String message = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        String plain = message.replaceAll("[^\\x20-\\x7e]+", " ").trim();
        return plain.length() <= MAX_REASON_CHARS ? plain : plain.substring(0, MAX_REASON_CHARS) + "...";
    }
}

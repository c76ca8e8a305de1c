package io.crowfly.balancer.listener;

import io.crowfly.balancer.exchange.Exchange;
import io.crowfly.balancer.message.ResponseHead;
import io.crowfly.balancer.transport.Transport;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.EmptyHttpHeaders;

/**
 * Handler of a FIN or a reset from the client: closes the connection unless the client may still read a response.
 * Confined to the loop of its connection.
 */
final class DisconnectHandler {

    private final Channel channel;
    private final boolean encrypted;
    private final ClientRequests requests;
    private final ResponseWriter writer;
    private final HalfCloseDetector detector;
    private final ClientConnection connection;

    /** @param encrypted whether the connection uses TLS */
    DisconnectHandler(
            Channel channel,
            boolean encrypted,
            ClientRequests requests,
            ResponseWriter writer,
            HalfCloseDetector detector,
            ClientConnection connection) {
        this.channel = channel;
        this.encrypted = encrypted;
        this.requests = requests;
        this.writer = writer;
        this.detector = detector;
        this.connection = connection;
    }

    void onFin() {
        Exchange exchange = requests.currentExchange();
        if (exchange == null && !requests.hasWaiting()) {
            writer.closeWhenSent();
        } else if (exchange != null && !requests.requestEnded() || encrypted || requests.awaitsSwitch()) {
            connection.close();
        } else {
            // The connection stays open for the current response, or for requests that wait until the client has
            // read earlier responses.
            long now = System.nanoTime();
            detector.onFin(now, exchange != null && requests.isResponseStarted());
            if (exchange != null) {
                checkHalfClose(now);
            }
        }
    }

    /** Closes the connection if the client has disconnected. While reading is paused, no event reports that. */
    void check(long nowNanos) {
        if (detector.isHalfClosed()) {
            checkHalfClose(nowNanos);
        } else if (!channel.config().isAutoRead()
                && (Transport.wasReset(channel) || requests.awaitsSwitch() && Transport.hasReceivedFin(channel))) {
            connection.close();
        }
    }

    private void checkHalfClose(long nowNanos) {
        boolean mayProbe = !requests.isResponseStarted() && writer.supportsInterimResponses();
        switch (detector.check(nowNanos, mayProbe, Transport.wasReset(channel))) {
            case WAITING -> {}
            case PROBE -> writer.writeInterim(new ResponseHead(100, EmptyHttpHeaders.INSTANCE));
            case GONE -> connection.close();
        }
    }
}

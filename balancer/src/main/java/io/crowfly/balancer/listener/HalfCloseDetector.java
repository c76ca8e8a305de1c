package io.crowfly.balancer.listener;

import java.util.concurrent.TimeUnit;

/*
 * A FIN from a client has two possible meanings: the client has sent everything and still reads the response
 * (half-close), or it has closed the connection. TCP does not distinguish the two. A wrong guess loses a response or
 * makes a backend generate tokens that are never read.
 *
 * Data written after the FIN decides: if the client has closed the connection, it sends a reset; if the client still
 * reads, it does not. Where the kernel can be queried, it reports the reset. Elsewhere the first write provokes the
 * reset, and the second write fails.
 *
 * Before the head of the response, interim 100 responses are written, which every client must accept (RFC 9110, section
 * 15.2). After the head, the bytes of the response have the same effect. Clients that half-close in the middle of a
 * response are very rare. After such a late FIN, the client counts as gone as soon as no bytes flow for a short time.
 * Over TLS none of this applies, because close_notify ends the connection.
 */

/**
 * Detector that decides, after a client's FIN, whether the client still reads its response or has closed the
 * connection. Confined to the connection's event loop.
 */
final class HalfCloseDetector {

    enum Verdict {
        WAITING,
        /** The state is unknown: write an interim response, and check again later. */
        PROBE,
        GONE
    }

    /**
     * Minimum time between two interim responses. It is longer than the round trip to the most distant client, so that
     * a reset caused by the first interim response arrives before the second is written.
     */
    private static final long PROBE_INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    private static final int MAX_PROBES = 2;

    /**
     * Maximum time without bytes after a late FIN. If tokens are sent at least this often, two writes are made within
     * one second. Within that second, the request of a client that has closed must be cancelled.
     */
    private static final long MAX_SILENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(400);

    private boolean finReceived;
    private boolean finAfterHead;
    private boolean wroteSinceCheck;
    private int probes;
    private long sinceNanos;

    /**
     * Records the FIN.
     *
     * @param headSent whether the head of the response had been sent
     */
    void onFin(long nowNanos, boolean headSent) {
        finReceived = true;
        finAfterHead = headSent;
        sinceNanos = nowNanos;
    }

    boolean isHalfClosed() {
        return finReceived;
    }

    /** Records that a part of the response was written to the client. */
    void onWrite() {
        wroteSinceCheck = true;
    }

    /**
     * Returns the present verdict on the client.
     *
     * @param mayProbe whether an interim response can be sent: no head has been sent, and the client supports interim
     *     responses
     * @param reset whether the kernel reports a reset
     */
    Verdict check(long nowNanos, boolean mayProbe, boolean reset) {
        if (reset) {
            return Verdict.GONE;
        }
        if (finAfterHead) {
            if (wroteSinceCheck) {
                wroteSinceCheck = false;
                sinceNanos = nowNanos;
            }
            return nowNanos - sinceNanos > MAX_SILENCE_NANOS ? Verdict.GONE : Verdict.WAITING;
        }
        if (mayProbe && probes < MAX_PROBES && (probes == 0 || nowNanos - sinceNanos > PROBE_INTERVAL_NANOS)) {
            probes++;
            sinceNanos = nowNanos;
            return Verdict.PROBE;
        }
        return Verdict.WAITING;
    }
}

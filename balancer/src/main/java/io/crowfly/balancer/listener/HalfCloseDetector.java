package io.crowfly.balancer.listener;

import java.util.concurrent.TimeUnit;

/*
 * A client's FIN may mean two things: it has said all and waits for the answer (half-close), or it is gone. TCP does not
 * tell which, and the difference is an answer lost or tokens generated for nobody. What is written after the FIN tells: a
 * client that is gone answers with a reset, one that waits does not. The kernel tells of a reset where it can be asked;
 * elsewhere the first write provokes it and the second one meets it, and fails.
 *
 * Where there is nothing to write yet, interim 100s are written, which every client must be ready for (RFC 9110 section
 * 15.2). From the answer's head on its own bytes do the same. Clients that half-close only in the middle of an answer are
 * hardly known: after so late a FIN the client is taken for gone as soon as no bytes flow for a moment. Over TLS none of
 * this applies: there a close_notify is a goodbye.
 */

/** Finds out, after a client's FIN, whether it waits for its answer. Confined to its connection's loop. */
final class HalfCloseDetector {

    enum Verdict {
        WAITING,
        /** Not known: write an interim answer, and look again. */
        PROBE,
        GONE
    }

    /** Between two interims: longer than a reset takes to come back over any distance. */
    private static final long PROBE_INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    private static final int MAX_PROBES = 2;

    /** With tokens coming at least this often, two writes are made within the second that a leaver may cost. */
    private static final long MAX_SILENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(400);

    private boolean finReceived;
    private boolean finAfterHead;
    private boolean wroteSinceCheck;
    private int probes;
    private long sinceNanos;

    /**
     * The FIN has come.
     *
     * @param headSent whether the answer had begun
     */
    void onFin(long nowNanos, boolean headSent) {
        finReceived = true;
        finAfterHead = headSent;
        sinceNanos = nowNanos;
    }

    boolean isHalfClosed() {
        return finReceived;
    }

    /** A part of the answer was written to the client. */
    void onWrite() {
        wroteSinceCheck = true;
    }

    /**
     * @param mayProbe whether an interim answer can be sent: no head has been, and the client's protocol knows them
     * @param reset whether the kernel knows of a reset
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

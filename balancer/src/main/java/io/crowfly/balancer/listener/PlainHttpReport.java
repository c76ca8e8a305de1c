package io.crowfly.balancer.listener;

import io.crowfly.conf.BindAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logger of plain HTTP requests to one TLS address. Writes at most one line per minute, because clients can send such
 * requests at any rate. Safe for use by several threads.
 */
final class PlainHttpReport {

    private static final Logger LOG = LoggerFactory.getLogger(PlainHttpReport.class);
    private static final long PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final BindAddress address;
    private final LongSupplier nanoClock;
    private final AtomicLong nextAtNanos;

    PlainHttpReport(BindAddress address, LongSupplier nanoClock) {
        this.address = address;
        this.nanoClock = nanoClock;
        nextAtNanos = new AtomicLong(nanoClock.getAsLong());
    }

    /** @param client address of the client */
    void onPlainHttp(String client) {
        long now = nanoClock.getAsLong();
        long next = nextAtNanos.get();
        if (now - next >= 0 && nextAtNanos.compareAndSet(next, now + PAUSE_NANOS)) {
            LOG.info(
                    "client {} sent plain HTTP to {}, which serves HTTPS, and got a 400; correct the scheme of the "
                            + "client's URL to https. Further such requests are logged once a minute",
                    client,
                    address);
        }
    }
}

package io.crowfly.balancer.upstream.address;

import io.crowfly.balancer.upstream.address.DnsLookup.Absent;
import io.crowfly.balancer.upstream.address.DnsLookup.Failed;
import io.crowfly.balancer.upstream.address.DnsLookup.Found;
import io.crowfly.balancer.upstream.address.DnsLookup.Result;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/** Addresses of one host and one family by the last successful lookup. Confined to the control loop. */
final class FamilyAddresses {

    private final DnsLookup lookup;
    private List<InetAddress> addresses = List.of();
    private boolean absent;
    private boolean pending;
    private Optional<Result> result = Optional.empty();

    FamilyAddresses(DnsLookup lookup) {
        this.lookup = lookup;
    }

    /** Starts a lookup. Must not be called while one is {@linkplain #isPending pending}. */
    void lookUp(Runnable whenDone) {
        pending = true;
        result = Optional.empty();
        lookup.start(next -> {
            pending = false;
            result = Optional.of(next);
            absent = next instanceof Absent || absent && next instanceof Failed;
            if (next instanceof Found found) {
                addresses = found.addresses();
            }
            whenDone.run();
        });
    }

    boolean isPending() {
        return pending;
    }

    /** Returns the time for which the result is valid; empty without a result that has addresses. */
    Optional<Long> timeToLiveNanos() {
        return result.filter(Found.class::isInstance).map(last -> ((Found) last).timeToLiveNanos());
    }

    /** Returns why the last lookup failed; empty if it did not fail. */
    Optional<Throwable> failure() {
        return result.filter(Failed.class::isInstance).map(last -> ((Failed) last).cause());
    }

    /** Returns the addresses that DNS has now, or had before lookups failed. */
    List<InetAddress> present() {
        return absent ? List.of() : addresses;
    }

    /** Returns the addresses that DNS has or had at last. */
    List<InetAddress> last() {
        return addresses;
    }
}

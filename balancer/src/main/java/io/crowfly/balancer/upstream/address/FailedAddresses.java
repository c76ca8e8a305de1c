package io.crowfly.balancer.upstream.address;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Record of the addresses of one host that did not accept a connection lately. Thread-safe. */
final class FailedAddresses {

    /** Time for which a failed address is tried last. Shorter than the repair of most faults, and one try is cheap. */
    static final long FAILED_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final LongSupplier nanoTime;
    private final Map<InetAddress, Long> failedAtNanos = new ConcurrentHashMap<>();

    FailedAddresses(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    void add(InetAddress address) {
        failedAtNanos.put(address, nanoTime.getAsLong());
    }

    void remove(InetAddress address) {
        if (!failedAtNanos.isEmpty()) {
            failedAtNanos.remove(address);
        }
    }

    /** Forgets failures that no longer count. */
    void expire() {
        long now = nanoTime.getAsLong();
        failedAtNanos.values().removeIf(at -> now - at >= FAILED_NANOS);
    }

    /** Returns the addresses in the same order, but failed ones last. */
    List<InetAddress> last(List<InetAddress> addresses) {
        if (failedAtNanos.isEmpty() || addresses.size() == 1) {
            return addresses;
        }
        long now = nanoTime.getAsLong();
        List<InetAddress> ordered = new ArrayList<>(addresses.size());
        List<InetAddress> failed = new ArrayList<>();
        for (InetAddress address : addresses) {
            Long at = failedAtNanos.get(address);
            (at != null && now - at < FAILED_NANOS ? failed : ordered).add(address);
        }
        ordered.addAll(failed);
        return ordered;
    }
}

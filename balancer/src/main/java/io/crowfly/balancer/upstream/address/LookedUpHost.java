package io.crowfly.balancer.upstream.address;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/*
 * A lookup sends queries for both families, and each response is published when it arrives. Only before the first
 * result do IPv4 addresses wait a little for those of IPv6 (RFC 8305, section 3). A failed lookup changes nothing, so
 * the last result is used until name servers respond again.
 */

/**
 * Addresses of a host name, from the hosts file or from DNS. Event loops read an immutable snapshot, which the control
 * loop replaces.
 */
final class LookedUpHost implements HostAddresses {

    private static final Logger LOG = LoggerFactory.getLogger(LookedUpHost.class);

    /** Time that IPv4 addresses wait for those of IPv6: the Resolution Delay of RFC 8305. */
    private static final long RESOLUTION_DELAY_MILLIS = 50;

    /** Minimum time between two lookups, whatever the TTL, after a failed lookup, and while no address works. */
    private static final long MIN_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Maximum time between two lookups. A longer TTL is unusual, and may be an error. */
    private static final long MAX_PAUSE_NANOS = TimeUnit.DAYS.toNanos(1);

    /** The same, if only the lookup of one family failed. */
    private static final long MAX_PAUSE_AFTER_FAILURE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /**
     * Time for which connections to an address stay in use after it was removed. Some name servers respond with another
     * selection of addresses each time, and connections should survive that.
     */
    static final long REMOVED_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final String host;
    private final EventLoop control;
    private final HostsFile hostsFile;
    private final FamilyAddresses ipv6;
    private final FamilyAddresses ipv4;
    private final LongSupplier nanoTime;
    private final FailedAddresses failedAddresses;

    private volatile Snapshot snapshot = Snapshot.NONE;

    // All below is accessed on the control loop only.

    private final List<Promise<List<InetAddress>>> waiters = new ArrayList<>();

    /** When addresses were removed that connections may still use. */
    private final Map<InetAddress, Long> removedAtNanos = new LinkedHashMap<>();

    private boolean lookedUp;
    private int pendingLookups;
    private long lookedUpAtNanos;
    private long expiresAtNanos;

    /** Why the last lookup found no address. */
    private Optional<Throwable> failure = Optional.empty();

    LookedUpHost(
            String host,
            EventLoop control,
            HostsFile hostsFile,
            FamilyAddresses ipv6,
            FamilyAddresses ipv4,
            LongSupplier nanoTime) {
        this.host = host;
        this.control = control;
        this.hostsFile = hostsFile;
        this.ipv6 = ipv6;
        this.ipv4 = ipv4;
        this.nanoTime = nanoTime;
        failedAddresses = new FailedAddresses(nanoTime);
    }

    String name() {
        return host;
    }

    @Override
    public Snapshot snapshot() {
        return snapshot;
    }

    @Override
    public List<InetAddress> toTry() {
        return failedAddresses.last(snapshot.addresses());
    }

    @Override
    public Future<List<InetAddress>> firstResult(EventLoop loop) {
        Promise<List<InetAddress>> promise = loop.newPromise();
        control.execute(() -> await(promise));
        return promise;
    }

    private void await(Promise<List<InetAddress>> promise) {
        if (!snapshot.addresses().isEmpty()) {
            promise.trySuccess(toTry());
            return;
        }
        waiters.add(promise);
        if (!isLookingUp()) {
            hostsFile.update();
            refresh();
        }
        if (!isLookingUp()) {
            failWaiters();
        }
    }

    @Override
    public void recordConnected(InetAddress address) {
        failedAddresses.remove(address);
    }

    @Override
    public void recordFailed(InetAddress address) {
        failedAddresses.add(address);
    }

    @Override
    public void recordNoneWorks() {
        control.execute(() -> expiresAtNanos = Math.min(expiresAtNanos, nanoTime.getAsLong()));
    }

    /** Follows changes of the hosts file, and of DNS if the last result has expired. */
    void refresh() {
        long now = nanoTime.getAsLong();
        failedAddresses.expire();
        boolean fromFile = !hostsFile.addresses(host).isEmpty();
        boolean due = !lookedUp || now - expiresAtNanos >= 0 && now - lookedUpAtNanos >= MIN_PAUSE_NANOS;
        if (!fromFile && due && !isLookingUp()) {
            lookUp(now);
        } else {
            publish(now);
        }
    }

    boolean isLookingUp() {
        return pendingLookups > 0;
    }

    private void lookUp(long now) {
        lookedUp = true;
        lookedUpAtNanos = now;
        pendingLookups = 2; // set first, because a lookup may fail at once
        ipv6.lookUp(this::onResult);
        ipv4.lookUp(this::onResult);
    }

    private void onResult() {
        pendingLookups--;
        long now = nanoTime.getAsLong();
        if (!isLookingUp()) {
            Optional<Long> timeToLive = Stream.of(ipv6, ipv4)
                    .flatMap(family -> family.timeToLiveNanos().stream())
                    .min(Long::compare);
            boolean failed = ipv6.failure().isPresent() || ipv4.failure().isPresent();
            long maxPause = failed ? MAX_PAUSE_AFTER_FAILURE_NANOS : MAX_PAUSE_NANOS;
            expiresAtNanos = now + Math.max(MIN_PAUSE_NANOS, Math.min(maxPause, timeToLive.orElse(0L)));
            noteFailure(timeToLive.isEmpty());
        }
        if (snapshot.addresses().isEmpty()
                && ipv6.isPending()
                && !ipv4.present().isEmpty()) {
            control.schedule(() -> publish(nanoTime.getAsLong()), RESOLUTION_DELAY_MILLIS, TimeUnit.MILLISECONDS);
            return;
        }
        publish(now);
        if (!isLookingUp()) {
            failWaiters();
        }
    }

    private void noteFailure(boolean foundNone) {
        if (!foundNone) {
            failure = Optional.empty();
            return;
        }
        boolean isFirst = failure.isEmpty();
        failure = Stream.of(ipv4, ipv6)
                .flatMap(family -> family.failure().stream())
                .findFirst()
                .or(() -> Optional.of(new UnknownHostException(host)));
        if (isFirst && !snapshot.addresses().isEmpty()) {
            LOG.warn(
                    "the host name {} does not resolve any more ({}); its last addresses are used: {}",
                    host,
                    failure.get().getMessage(),
                    texts(snapshot.addresses()));
        }
    }

    private void failWaiters() {
        Throwable cause = failure.orElseGet(() -> new UnknownHostException(host));
        waiters.forEach(waiter -> waiter.tryFailure(cause));
        waiters.clear();
    }

    private void publish(long now) {
        List<InetAddress> next = present();
        if (next.isEmpty()) {
            return;
        }
        List<InetAddress> former = snapshot.addresses();
        former.stream()
                .filter(address -> !next.contains(address))
                .forEach(removed -> removedAtNanos.putIfAbsent(removed, now));
        removedAtNanos.keySet().removeAll(next);
        removedAtNanos.values().removeIf(at -> now - at >= REMOVED_NANOS);
        Set<InetAddress> usable = new LinkedHashSet<>(next);
        usable.addAll(removedAtNanos.keySet());
        if (!next.equals(former) || !usable.equals(snapshot.usable())) {
            snapshot = new Snapshot(List.copyOf(next), Set.copyOf(usable));
            if (!former.isEmpty() && Collections.disjoint(next, former)) {
                LOG.info("the host {} has moved from {} to {}", host, texts(former), texts(next));
            }
        }
        waiters.forEach(waiter -> waiter.trySuccess(toTry()));
        waiters.clear();
    }

    private List<InetAddress> present() {
        List<InetAddress> fromFile = hostsFile.addresses(host);
        if (!fromFile.isEmpty()) {
            return inTurn(fromFile);
        }
        List<InetAddress> fromDns = new ArrayList<>(ipv6.present());
        fromDns.addAll(ipv4.present());
        if (fromDns.isEmpty()) { // the name was deleted
            fromDns.addAll(ipv6.last());
            fromDns.addAll(ipv4.last());
        }
        return inTurn(fromDns);
    }

    /** Returns the addresses with those of IPv6 and IPv4 in turn, as in RFC 8305, section 4. */
    private static List<InetAddress> inTurn(List<InetAddress> addresses) {
        List<InetAddress> ipv6 = addresses.stream()
                .filter(address -> address instanceof Inet6Address)
                .toList();
        List<InetAddress> ipv4 =
                addresses.stream().filter(address -> !ipv6.contains(address)).toList();
        List<InetAddress> inTurn = new ArrayList<>(addresses.size());
        for (int i = 0; i < Math.max(ipv6.size(), ipv4.size()); i++) {
            if (i < ipv6.size()) {
                inTurn.add(ipv6.get(i));
            }
            if (i < ipv4.size()) {
                inTurn.add(ipv4.get(i));
            }
        }
        return inTurn;
    }

    private static List<String> texts(List<InetAddress> addresses) {
        return addresses.stream().map(InetAddress::getHostAddress).toList();
    }
}

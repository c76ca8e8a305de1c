package io.crowfly.balancer.upstream.address;

import io.crowfly.balancer.transport.Transport;
import io.netty.channel.EventLoop;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.DnsServerAddressStreamProviders;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Source of the addresses of all backends. Follows changes of the hosts file and of DNS on the control loop.
 * Thread-safe.
 */
public final class AddressBook {

    private static final Logger LOG = LoggerFactory.getLogger(AddressBook.class);

    /** Time between two checks of the hosts file and of expired results. The least TTL of DNS above zero is as long. */
    private static final long CHECK_SECONDS = 1;

    private final EventLoop control;
    private final Transport transport;
    private final DnsServerAddressStreamProvider servers;
    private final LongSupplier nanoTime;
    private final HostsFile hostsFile;
    private final Set<LookedUpHost> followed = ConcurrentHashMap.newKeySet();
    private final Future<?> timer;

    /** @param servers the name servers */
    public AddressBook(
            EventLoop control,
            Transport transport,
            Path hostsFile,
            DnsServerAddressStreamProvider servers,
            LongSupplier nanoTime) {
        this.control = control;
        this.transport = transport;
        this.servers = servers;
        this.nanoTime = nanoTime;
        this.hostsFile = new HostsFile(hostsFile);
        timer = control.scheduleWithFixedDelay(this::check, CHECK_SECONDS, CHECK_SECONDS, TimeUnit.SECONDS);
    }

    /** Returns a source that uses the name servers and the hosts file of the system. */
    public static AddressBook ofSystem(EventLoop control, Transport transport) {
        return new AddressBook(
                control,
                transport,
                HostsFile.OF_SYSTEM,
                DnsServerAddressStreamProviders.platformDefault(),
                System::nanoTime);
    }

    /**
     * Returns the addresses of a host. They change only after {@link #follow}.
     *
     * @param host a host name, or an IP address without brackets
     */
    public HostAddresses of(String host) {
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(host);
        if (literal != null) {
            try {
                return new LiteralAddress(InetAddress.getByAddress(literal));
            } catch (UnknownHostException e) {
                throw new IllegalStateException("an IP address has four or sixteen bytes", e);
            }
        }
        return new LookedUpHost(
                host,
                control,
                hostsFile,
                newFamily(host, ResolvedAddressTypes.IPV6_ONLY),
                newFamily(host, ResolvedAddressTypes.IPV4_ONLY),
                nanoTime);
    }

    private FamilyAddresses newFamily(String host, ResolvedAddressTypes family) {
        return new FamilyAddresses(new DnsLookup(host, family, control, transport, servers));
    }

    /** Begins to follow changes. Has no effect for a host that is followed already. */
    public void follow(HostAddresses addresses) {
        if (addresses instanceof LookedUpHost host) {
            followed.add(host);
        }
    }

    /** Ends {@link #follow}, because no backend has these addresses any more. */
    public void release(HostAddresses addresses) {
        if (addresses instanceof LookedUpHost host) {
            followed.remove(host);
        }
    }

    /** Checks what has changed. Runs on the control loop. */
    void check() {
        if (!followed.isEmpty()) {
            hostsFile.update();
            followed.forEach(AddressBook::refresh);
        }
    }

    private static void refresh(LookedUpHost host) {
        try {
            host.refresh();
        } catch (RuntimeException e) {
            // Otherwise the timer would end, and no host would be followed any more.
            LOG.error("an internal error prevented a check of the addresses of {}", host.name(), e);
        }
    }

    public void close() {
        timer.cancel(false);
        followed.clear();
    }
}

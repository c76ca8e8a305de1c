package io.crowfly.balancer.upstream.address;

import io.crowfly.balancer.transport.Transport;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.resolver.HostsFileEntriesResolver;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsCache;
import io.netty.resolver.dns.DnsCacheEntry;
import io.netty.resolver.dns.DnsCnameCache;
import io.netty.resolver.dns.DnsErrorCauseException;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverChannelStrategy;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.NoopDnsCache;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * DNS lookups of one host's addresses of one family, IPv4 or IPv6. Netty sends the queries; each lookup has its own
 * socket, so the source port of each query is random. Confined to the control loop.
 */
final class DnsLookup {

    /**
     * Time after which the next name server is queried. A resolver that works responds sooner. The time is shorter than
     * {@code timeouts.connect}, so that a connection can still be opened with the response of another server.
     */
    private static final long QUERY_TIMEOUT_MILLIS = 1000;

    private final String host;
    private final TimeToLive timeToLive = new TimeToLive();
    private final QueryErrors errors = new QueryErrors();
    private final DnsNameResolver resolver;

    DnsLookup(
            String host,
            ResolvedAddressTypes family,
            EventLoop loop,
            Transport transport,
            DnsServerAddressStreamProvider servers) {
        this.host = host;
        resolver = new DnsNameResolverBuilder(loop)
                .datagramChannelType(transport.datagram())
                .socketChannelType(transport.socket()) // for responses that are too long for a datagram
                .datagramChannelStrategy(DnsNameResolverChannelStrategy.ChannelPerResolution)
                .nameServerProvider(servers)
                .resolvedAddressTypes(family)
                .queryTimeoutMillis(QUERY_TIMEOUT_MILLIS)
                .hostsFileEntriesResolver(NO_HOSTS_FILE)
                .resolveCache(timeToLive)
                .cnameCache(timeToLive)
                .dnsQueryLifecycleObserverFactory(errors)
                .build();
    }

    /** {@link HostsFile} is used instead. */
    private static final HostsFileEntriesResolver NO_HOSTS_FILE = (name, types) -> null;

    /** Result of a lookup. */
    sealed interface Result {}

    /**
     * The host has addresses of the family.
     *
     * @param timeToLiveNanos how long the addresses are valid: the least TTL of the records and their aliases
     */
    record Found(List<InetAddress> addresses, long timeToLiveNanos) implements Result {}

    /** The response of a name server: the host has no address of the family. */
    record Absent() implements Result {}

    /** No name server has sent a response, or only errors were received. */
    record Failed(Throwable cause) implements Result {}

    /** Sends the queries. Must not be called again before the result. */
    void start(Consumer<Result> whenDone) {
        timeToLive.seconds = Long.MAX_VALUE;
        errors.clear();
        resolver.resolveAll(host).addListener((Future<List<InetAddress>> future) -> {
            if (future.isSuccess()) {
                whenDone.accept(new Found(future.getNow(), timeToLive.nanos()));
            } else {
                whenDone.accept(isAbsent(future.cause()) ? new Absent() : new Failed(future.cause()));
            }
        });
    }

    /** Returns whether a name server has responded that there is no address, and none has responded with an error. */
    private boolean isAbsent(Throwable failure) {
        Throwable cause = failure.getCause();
        if (errors.any()) {
            return false;
        }
        return cause == null
                || cause instanceof DnsErrorCauseException error
                        && error.getCode().equals(DnsResponseCode.NXDOMAIN);
    }

    /** Recorder of the least TTL of a lookup. Caches nothing, because {@link HostAddresses} keeps the result. */
    private static final class TimeToLive implements DnsCache, DnsCnameCache {

        private long seconds = Long.MAX_VALUE;

        long nanos() {
            return TimeUnit.SECONDS.toNanos(seconds);
        }

        @Override
        public DnsCacheEntry cache(
                String name, DnsRecord[] additionals, InetAddress address, long originalTtl, EventLoop loop) {
            seconds = Math.min(seconds, originalTtl);
            return NoopDnsCache.INSTANCE.cache(name, additionals, address, originalTtl, loop);
        }

        @Override
        public DnsCacheEntry cache(String name, DnsRecord[] additionals, Throwable cause, EventLoop loop) {
            return NoopDnsCache.INSTANCE.cache(name, additionals, cause, loop);
        }

        @Override
        public void cache(String alias, String name, long originalTtl, EventLoop loop) {
            seconds = Math.min(seconds, originalTtl);
        }

        @Override
        public @Nullable String get(String alias) {
            return null;
        }

        @Override
        public List<? extends DnsCacheEntry> get(String name, DnsRecord[] additionals) {
            return List.of();
        }

        @Override
        public void clear() {}

        @Override
        public boolean clear(String name) {
            return false;
        }
    }
}

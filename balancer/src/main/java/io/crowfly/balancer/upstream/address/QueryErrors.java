package io.crowfly.balancer.upstream.address;

import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.resolver.dns.DnsQueryLifecycleObserver;
import io.netty.resolver.dns.DnsQueryLifecycleObserverFactory;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Recorder of the names for which name servers have responded with an error, such as SERVFAIL or REFUSED. Netty reports
 * only the last response of a lookup: after an error for {@code host}, that may be "no such name" for {@code
 * host.search-domain}. Confined to the loop of the resolver.
 */
final class QueryErrors implements DnsQueryLifecycleObserverFactory {

    private final Set<String> names = new HashSet<>();

    /** Forgets all errors, before a lookup. */
    void clear() {
        names.clear();
    }

    /** Returns whether there is a name for which the last response was an error. */
    boolean any() {
        return !names.isEmpty();
    }

    @Override
    public DnsQueryLifecycleObserver newDnsQueryLifecycleObserver(DnsQuestion question) {
        return new Query(question.name());
    }

    private final class Query implements DnsQueryLifecycleObserver {

        private final String name;

        Query(String name) {
            this.name = name;
        }

        @Override
        public DnsQueryLifecycleObserver queryNoAnswer(DnsResponseCode code) {
            if (code.equals(DnsResponseCode.NOERROR) || code.equals(DnsResponseCode.NXDOMAIN)) {
                names.remove(name);
            } else {
                names.add(name);
            }
            return this;
        }

        @Override
        public void querySucceed() {
            names.remove(name);
        }

        @Override
        public DnsQueryLifecycleObserver queryRedirected(List<InetSocketAddress> nameServers) {
            return this;
        }

        @Override
        public DnsQueryLifecycleObserver queryCNAMEd(DnsQuestion question) {
            return new Query(question.name());
        }

        @Override
        public void queryWritten(InetSocketAddress nameServer, ChannelFuture future) {}

        @Override
        public void queryCancelled(int queriesRemaining) {}

        @Override
        public void queryFailed(Throwable cause) {}
    }
}

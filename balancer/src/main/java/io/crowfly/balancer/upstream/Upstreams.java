package io.crowfly.balancer.upstream;

import io.crowfly.balancer.credential.Credentials;
import io.crowfly.balancer.transport.DirectMemory;
import io.crowfly.balancer.transport.Transport;
import io.crowfly.balancer.upstream.address.AddressBook;
import io.crowfly.balancer.upstream.address.HostAddresses;
import io.crowfly.conf.Backend;
import io.crowfly.conf.Conf;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The upstreams of all backends, kept across reloads. Pools are kept while the address and the trusted authority stay
 * the same, and counters while the name stays the same. Calls must not overlap.
 */
public final class Upstreams {

    /**
     * Key of a backend's pools: connections with an equal key are interchangeable. Contains the text of the authority,
     * because the content of its file may change.
     */
    private record PoolKey(boolean tls, String host, int port, Optional<String> authority) {}

    private final Transport transport;
    private final DirectMemory memory;
    private final List<EventLoop> loops;
    private final Credentials credentials;
    private final AddressBook addressBook;
    private Map<PoolKey, BackendPools> pools = Map.of();
    private Map<String, BackendCounts> counts = Map.of();

    /**
     * @param loops in the order of their numbers
     * @param addressBook closed together with this object
     */
    public Upstreams(
            Transport transport,
            DirectMemory memory,
            List<EventLoop> loops,
            Credentials credentials,
            AddressBook addressBook) {
        this.transport = transport;
        this.memory = memory;
        this.loops = List.copyOf(loops);
        this.credentials = credentials;
        this.addressBook = addressBook;
    }

    /** Upstreams that are prepared for a conf and not in force yet. */
    public final class Prepared {

        private final Map<PoolKey, BackendPools> preparedPools = new HashMap<>();
        private final Map<String, BackendCounts> preparedCounts = new HashMap<>();
        private final List<BackendUpstream> list = new ArrayList<>();

        private Prepared(Conf conf) throws IOException {
            for (Backend backend : conf.backends()) {
                PoolKey poolKey = poolKeyOf(backend);
                BackendPools backendPools = preparedPools.get(poolKey);
                if (backendPools == null) {
                    backendPools = pools.get(poolKey);
                }
                if (backendPools == null) {
                    backendPools = newPools(poolKey);
                }
                preparedPools.put(poolKey, backendPools);
                BackendCounts backendCounts = counts.getOrDefault(backend.name(), new BackendCounts());
                preparedCounts.put(backend.name(), backendCounts);
                list.add(new BackendUpstream(
                        backend, credentials, backendPools, conf.timeouts().connect(), backendCounts));
            }
        }

        /** Returns the upstreams in the order of the conf. */
        public List<BackendUpstream> list() {
            return List.copyOf(list);
        }

        /** Puts these upstreams in force. Closes the connections that no backend uses any more. */
        public void commit() {
            Map<PoolKey, BackendPools> previousPools = pools;
            credentials.retain(Credentials.usedBy(
                    list.stream().map(BackendUpstream::backend).toList()));
            pools = preparedPools;
            pools.values().forEach(used -> addressBook.follow(used.connector().addresses()));
            counts = preparedCounts;
            previousPools.forEach((poolKey, oldPools) -> {
                if (!preparedPools.containsKey(poolKey)) {
                    addressBook.release(oldPools.connector().addresses());
                    oldPools.retire();
                }
            });
        }
    }

    /**
     * Prepares the upstreams of a conf. Changes nothing that is in force.
     *
     * @throws IOException if a file that the conf names can't be read or is not a certificate
     */
    public Prepared prepare(Conf conf) throws IOException {
        return new Prepared(conf);
    }

    public void close() {
        pools.values().forEach(BackendPools::retire);
        addressBook.close();
    }

    private static PoolKey poolKeyOf(Backend backend) throws IOException {
        Optional<String> authority = backend.ca().isPresent()
                ? Optional.of(Files.readString(backend.ca().get()))
                : Optional.empty();
        return new PoolKey(backend.tls(), backend.host(), backend.port(), authority);
    }

    private BackendPools newPools(PoolKey poolKey) throws IOException {
        Optional<SslContext> tls =
                poolKey.tls() ? Optional.of(UpstreamTls.context(poolKey.authority())) : Optional.empty();
        HostAddresses addresses = addressBook.of(poolKey.host());
        return new BackendPools(
                loops, new Connector(transport, memory, addresses, poolKey.host(), poolKey.port(), tls));
    }
}

package io.crowfly.balancer.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.credential.Credentials;
import io.crowfly.balancer.prober.UpstreamProber;
import io.crowfly.balancer.testbed.Certificates;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.transport.DirectMemory;
import io.crowfly.balancer.transport.Transport;
import io.crowfly.balancer.upstream.address.AddressBook;
import io.crowfly.balancer.upstream.address.HostAddresses;
import io.crowfly.balancer.upstream.address.ScriptedDnsServer;
import io.crowfly.conf.Backend;
import io.crowfly.conf.BackendHeaders;
import io.crowfly.conf.Credential;
import io.crowfly.conf.Models;
import io.crowfly.conf.Probe;
import io.crowfly.conf.Provider;
import io.crowfly.probes.ProbeResult;
import io.crowfly.probes.forecast.ProbeTimes;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests and probes to a backend whose host name has several addresses, or whose address changes. */
class SeveralAddressesTest {

    private static final String RESPONSE = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    private static final int HOUR = 3600;

    /** Longer than the TTL and than the time for which connections may use a removed address. */
    private static final long AFTER_CHANGE_SECONDS = HOUR + 11;

    private final Transport transport = Transport.choose();
    private final EventLoop loop = transport.newLoops(1, "test-loop").get(0);
    private final ScriptedDnsServer dns = new ScriptedDnsServer();
    private final AtomicLong clock = new AtomicLong();
    private final List<AutoCloseable> opened = new ArrayList<>();

    @TempDir
    Path folder;

    private AddressBook book;
    private HostAddresses addresses;
    private BackendPools pools;
    private BackendUpstream upstream;
    private int port;

    @BeforeEach
    void openBook() throws IOException {
        Path hosts = Files.createFile(folder.resolve("hosts"));
        book = new AddressBook(loop, transport, hosts, dns.asNameServer(), clock::get);
    }

    @AfterEach
    void close() throws Exception {
        if (pools != null) {
            pools.retire();
        }
        for (AutoCloseable each : opened) {
            each.close();
        }
        book.close();
        dns.close();
        loop.parent().shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private static InetAddress loopback(int last) throws IOException {
        return InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) last});
    }

    private TestBackend backendAt(int last) throws IOException {
        return backendAt(last, TestBackend.responder(RESPONSE));
    }

    private TestBackend backendAt(int last, TestBackend.ConnectionScript script) throws IOException {
        ServerSocket socket = new ServerSocket(port, 1024, loopback(last));
        port = socket.getLocalPort();
        TestBackend backend = TestBackend.on(socket, script);
        opened.add(backend);
        return backend;
    }

    private void openUpstream() {
        openUpstream(Optional.empty());
    }

    private void openUpstream(Optional<SslContext> tls) {
        addresses = book.of("api.test");
        book.follow(addresses);
        pools = new BackendPools(
                List.of(loop), new Connector(transport, DirectMemory.ofJvm(), addresses, "api.test", port, tls));
        upstream = new BackendUpstream(
                backend(new Probe.Kind.Tcp()), new Credentials(), pools, Duration.ofSeconds(10), new BackendCounts());
    }

    private Backend backend(Probe.Kind kind) {
        return new Backend(
                "api",
                new Provider.OpenAi(),
                URI.create("http://api.test:" + port),
                "",
                1,
                Map.of(),
                new Credential.None(),
                Models.ALL,
                new Probe(Duration.ofSeconds(1), Duration.ofSeconds(20), 1, 1, kind),
                Optional.empty(),
                BackendHeaders.NONE);
    }

    private ProbeResult probe(Probe.Kind kind) throws Exception {
        CompletableFuture<ProbeResult> result = new CompletableFuture<>();
        new UpstreamProber(loop, 0, any -> Optional.of(upstream)).probe(backend(kind), result::complete);
        return result.get(30, TimeUnit.SECONDS);
    }

    /** Sends a request over a connection of the pool, as an attempt does. */
    private ProbeResult request() throws Exception {
        return probe(new Probe.Kind.Http("/v1/models", Set.of(200), true));
    }

    private void assertSuccess(ProbeResult result) {
        assertThat(result).isInstanceOf(ProbeResult.Success.class);
    }

    /** Lets time pass, until the addresses have changed. */
    private void passUntilMoved(InetAddress next) {
        clock.addAndGet(TimeUnit.SECONDS.toNanos(AFTER_CHANGE_SECONDS));
        addresses.recordNoneWorks();
        await().until(() -> addresses.toTry().equals(List.of(next)));
        clock.addAndGet(TimeUnit.SECONDS.toNanos(AFTER_CHANGE_SECONDS));
        addresses.recordNoneWorks();
        await().until(() -> addresses.snapshot().usable().equals(Set.of(next)));
    }

    @Test
    void requestsAndProbesUseTheNextAddressIfOneRefuses() throws Exception {
        TestBackend second = backendAt(3);
        dns.respond(DnsRecordType.A, HOUR, "127.0.0.2", "127.0.0.3");
        openUpstream();
        assertSuccess(probe(new Probe.Kind.Tcp()));
        assertThat(addresses.toTry()).containsExactly(loopback(3), loopback(2));
        assertSuccess(request());
        assertThat(second.connections()).isEqualTo(1);
    }

    @Test
    void anAddressThatDoesNotRespondDelaysAConnectionOnlyALittle() throws Exception {
        try (ServerSocket full = new ServerSocket(0, 1, loopback(2))) {
            port = full.getLocalPort();
            fill(full);
            backendAt(3);
            dns.respond(DnsRecordType.A, HOUR, "127.0.0.2", "127.0.0.3");
            openUpstream();
            assertSuccess(request());
            assertThat(addresses.toTry()).containsExactly(loopback(3), loopback(2));
        }
    }

    @Test
    void anAddressWhoseTlsFailsIsNotTheLastOneTried() throws Exception {
        backendAt(2, connection -> {}); // closes the connection after the first bytes
        ServerSocket socket = Certificates.context(
                        Certificates.certificate("api.test", Certificates.CA), Certificates.CA)
                .getServerSocketFactory()
                .createServerSocket(port, 100, loopback(3));
        opened.add(TestBackend.on(socket, TestBackend.responder(RESPONSE)));
        dns.respond(DnsRecordType.A, HOUR, "127.0.0.2", "127.0.0.3");
        openUpstream(Optional.of(UpstreamTls.context(Optional.of(Certificates.CA.getCertificatePEM()))));
        assertSuccess(probe(new Probe.Kind.Tls()));
        assertSuccess(request());
        assertThat(addresses.toTry()).containsExactly(loopback(3), loopback(2));
    }

    /** Opens connections until the kernel drops further ones, because the backlog is full. */
    private void fill(ServerSocket server) throws IOException {
        while (true) {
            Socket socket = new Socket();
            opened.add(socket);
            try {
                socket.connect(new InetSocketAddress(server.getInetAddress(), server.getLocalPort()), 200);
            } catch (SocketTimeoutException e) {
                return;
            }
        }
    }

    @Test
    void failsIfNoAddressAcceptsConnections() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, loopback(4))) {
            port = other.getLocalPort();
            dns.respond(DnsRecordType.A, HOUR, "127.0.0.2", "127.0.0.3");
            openUpstream();
            assertThat(request())
                    .isInstanceOfSatisfying(ProbeResult.Failure.class, failure -> assertThat(failure.reason())
                            .isEqualTo("connection refused at the last of 2 addresses"));
        }
    }

    @Test
    void requestsGoToTheNewAddressAlthoughAConnectionToTheOldOneIsOpen() throws Exception {
        TestBackend former = backendAt(2);
        TestBackend next = backendAt(3);
        dns.respond(DnsRecordType.A, HOUR, "127.0.0.2");
        openUpstream();
        assertSuccess(request());
        dns.respond(DnsRecordType.A, HOUR, "127.0.0.3");
        assertSuccess(request());
        passUntilMoved(loopback(3));
        assertSuccess(request());
        assertThat(former.connections()).isEqualTo(1);
        assertThat(next.connections()).isEqualTo(1);
    }

    @Test
    void aConnectionToTheNewAddressIsOpenedAhead() throws Exception {
        backendAt(2);
        TestBackend next = backendAt(3);
        dns.respond(DnsRecordType.A, HOUR, "127.0.0.2");
        openUpstream();
        assertSuccess(request());
        dns.respond(DnsRecordType.A, HOUR, "127.0.0.3");
        passUntilMoved(loopback(3));
        ConnectionPool pool = pools.poolOf(0);
        loop.submit(() -> pool.openAhead(Duration.ofSeconds(10))).sync();
        await().until(() -> loop.submit(pool::hasIdle).get());
        assertThat(request()).isInstanceOfSatisfying(ProbeResult.Success.class, success -> assertThat(
                        success.times().connectNanos())
                .isEqualTo(ProbeTimes.ABSENT));
        assertThat(next.connections()).isEqualTo(1);
    }

    @Test
    void followsDnsWhileTheOldAddressRefuses() throws Exception {
        backendAt(3);
        dns.respond(DnsRecordType.A, HOUR, "127.0.0.2");
        openUpstream();
        assertThat(request()).isInstanceOf(ProbeResult.Failure.class);
        dns.respond(DnsRecordType.A, HOUR, "127.0.0.3");
        clock.addAndGet(TimeUnit.SECONDS.toNanos(1));
        await().until(() -> request() instanceof ProbeResult.Success);
    }
}

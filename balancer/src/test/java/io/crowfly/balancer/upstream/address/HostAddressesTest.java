package io.crowfly.balancer.upstream.address;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.transport.Transport;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Addresses of a host by a scripted DNS server and a hosts file. The test moves the clock. */
class HostAddressesTest {

    private static final DnsRecordType A = DnsRecordType.A;
    private static final DnsRecordType AAAA = DnsRecordType.AAAA;
    private static final int HOUR = 3600;

    private final Transport transport = Transport.choose();
    private final EventLoop loop = transport.newLoops(1, "test-control").get(0);
    private final ScriptedDnsServer dns = new ScriptedDnsServer();
    private final AtomicLong clock = new AtomicLong();

    @TempDir
    Path folder;

    private Path hosts;
    private AddressBook book;
    private HostAddresses addresses;

    @BeforeEach
    void open() throws IOException {
        hosts = Files.writeString(folder.resolve("hosts"), "# empty\n");
        book = new AddressBook(loop, transport, hosts, dns.asNameServer(), clock::get);
        addresses = book.of("api.test");
        book.follow(addresses);
    }

    @AfterEach
    void close() {
        book.close();
        dns.close();
        loop.parent().shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private List<String> first() throws InterruptedException {
        return texts(addresses.firstResult(loop).sync().getNow());
    }

    private List<String> toTry() {
        return texts(addresses.toTry());
    }

    private static List<String> texts(List<InetAddress> list) {
        return list.stream().map(InetAddress::getHostAddress).toList();
    }

    /** Lets time pass, and lets the control loop check what has changed. */
    private void pass(long seconds) {
        clock.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
        loop.submit(book::check).syncUninterruptibly();
    }

    @Test
    void hasTheAddressesOfBothFamiliesInTurn() throws Exception {
        dns.respond(A, HOUR, "192.0.2.1", "192.0.2.2");
        dns.respond(AAAA, HOUR, "2001:db8::1", "2001:db8::2", "2001:db8::3");
        first();
        await().until(() -> toTry().size() == 5);
        assertThat(toTry())
                .containsExactly(
                        "2001:db8:0:0:0:0:0:1",
                        "192.0.2.1",
                        "2001:db8:0:0:0:0:0:2",
                        "192.0.2.2",
                        "2001:db8:0:0:0:0:0:3");
    }

    @Test
    void doesNotWaitForAFamilyWithoutAResponse() throws Exception {
        dns.respond(A, HOUR, "192.0.2.1");
        dns.beSilent(AAAA);
        assertThat(first()).containsExactly("192.0.2.1");
    }

    @Test
    void failsIfTheNameDoesNotExist() {
        dns.fail(A, DnsResponseCode.NXDOMAIN);
        dns.fail(AAAA, DnsResponseCode.NXDOMAIN);
        assertThatThrownBy(this::first).hasMessageContaining("api.test");
    }

    @Test
    void sendsNoQueryBeforeTheTimeToLiveEnds() throws Exception {
        dns.respond(A, 60, "192.0.2.1");
        first();
        awaitLookupEnd();
        int queries = dns.queries();
        dns.respond(A, 60, "192.0.2.2");
        pass(59);
        assertThat(dns.queries()).isEqualTo(queries);
        assertThat(toTry()).containsExactly("192.0.2.1");
        pass(1);
        await().until(() -> toTry().equals(List.of("192.0.2.2")));
    }

    /** Waits until the name server's responses for both families have arrived. */
    private void awaitLookupEnd() {
        await().until(() ->
                loop.submit(() -> !((LookedUpHost) addresses).isLookingUp()).get());
    }

    @Test
    void theTimeToLiveOfAnAliasCounts() throws Exception {
        dns.respondWithAlias(A, 30, HOUR, "192.0.2.1");
        first();
        awaitLookupEnd();
        dns.respondWithAlias(A, 30, HOUR, "192.0.2.2");
        pass(30);
        await().until(() -> toTry().equals(List.of("192.0.2.2")));
    }

    @Test
    void theLastResultStaysWhileNameServersFail() throws Exception {
        dns.respond(A, 1, "192.0.2.1");
        dns.respond(AAAA, 1, "2001:db8::1");
        first();
        awaitLookupEnd();
        List<String> known = toTry();
        dns.fail(A, DnsResponseCode.SERVFAIL);
        dns.beSilent(AAAA);
        passAndLookUp();
        assertThat(toTry()).isEqualTo(known);
        dns.fail(A, DnsResponseCode.NXDOMAIN);
        dns.fail(AAAA, DnsResponseCode.NXDOMAIN);
        passAndLookUp();
        assertThat(toTry()).isEqualTo(known);
        dns.respond(A, 1, "192.0.2.9");
        passAndLookUp();
        assertThat(toTry()).containsExactly("192.0.2.9");
    }

    @Test
    void theAddressesOfAFamilyStayWhileOnlyItsQueriesFail() throws Exception {
        dns.respond(A, 1, "192.0.2.1");
        dns.respond(AAAA, 1, "2001:db8::1");
        first();
        awaitLookupEnd();
        dns.fail(A, DnsResponseCode.SERVFAIL);
        passAndLookUp();
        assertThat(toTry()).containsExactly("2001:db8:0:0:0:0:0:1", "192.0.2.1");
        dns.respond(A, 1);
        passAndLookUp();
        assertThat(toTry()).containsExactly("2001:db8:0:0:0:0:0:1");
    }

    @Test
    void aRefusedQueryDoesNotShowThatTheHostHasNoAddressOfTheFamily() throws Exception {
        dns.respond(A, 1, "192.0.2.1");
        dns.respond(AAAA, 1, "2001:db8::1");
        first();
        awaitLookupEnd();
        dns.fail(A, DnsResponseCode.REFUSED);
        passAndLookUp();
        assertThat(toTry()).containsExactly("2001:db8:0:0:0:0:0:1", "192.0.2.1");
    }

    private void passAndLookUp() {
        int queries = dns.queries();
        pass(1);
        await().until(() -> dns.queries() > queries);
        awaitLookupEnd();
    }

    @Test
    void dnsIsQueriedBeforeTheTimeToLiveEndsWhenNoAddressWorks() throws Exception {
        dns.respond(A, HOUR, "192.0.2.1");
        first();
        awaitLookupEnd();
        dns.respond(A, HOUR, "192.0.2.2");
        clock.addAndGet(TimeUnit.SECONDS.toNanos(1));
        addresses.recordNoneWorks();
        await().until(() -> toTry().equals(List.of("192.0.2.2")));
    }

    @Test
    void followsTheHostsFile() throws Exception {
        dns.respond(A, HOUR, "192.0.2.1");
        first();
        awaitLookupEnd();
        Files.writeString(hosts, "198.51.100.7 other API.test\n2001:db8::7 api.test # new\n");
        pass(0);
        assertThat(toTry()).containsExactly("2001:db8:0:0:0:0:0:7", "198.51.100.7");
        Files.writeString(hosts, "198.51.100.8 api.test\n");
        pass(0);
        assertThat(toTry()).containsExactly("198.51.100.8");
        Files.writeString(hosts, "198.51.100.8 other.test\n");
        pass(0);
        assertThat(toTry()).containsExactly("192.0.2.1");
    }

    @Test
    void theHostsFileNeedsNoDns() throws Exception {
        Files.writeString(hosts, "198.51.100.7 api.test\n");
        assertThat(first()).containsExactly("198.51.100.7");
        assertThat(dns.queries()).isZero();
    }

    @Test
    void anAddressThatFailedIsTheLastForAMinute() throws Exception {
        dns.respond(A, HOUR, "192.0.2.1", "192.0.2.2");
        first();
        awaitLookupEnd();
        addresses.recordFailed(InetAddress.getByName("192.0.2.1"));
        assertThat(toTry()).containsExactly("192.0.2.2", "192.0.2.1");
        pass(60);
        assertThat(toTry()).containsExactly("192.0.2.1", "192.0.2.2");
        addresses.recordFailed(InetAddress.getByName("192.0.2.1"));
        addresses.recordConnected(InetAddress.getByName("192.0.2.1"));
        assertThat(toTry()).containsExactly("192.0.2.1", "192.0.2.2");
    }

    @Test
    void connectionsMayUseARemovedAddressForAShortTime() throws Exception {
        dns.respond(A, 1, "192.0.2.1");
        first();
        awaitLookupEnd();
        dns.respond(A, HOUR, "192.0.2.2");
        passAndLookUp();
        assertThat(addresses.snapshot().usable()).hasSize(2);
        pass(10);
        assertThat(addresses.snapshot().usable()).containsExactly(InetAddress.getByName("192.0.2.2"));
    }

    @Test
    void anAddressInTheUrlIsNotLookedUp() {
        assertThat(texts(book.of("2001:db8::1").toTry())).containsExactly("2001:db8:0:0:0:0:0:1");
        assertThat(texts(book.of("192.0.2.1").toTry())).containsExactly("192.0.2.1");
        assertThat(dns.queries()).isZero();
    }

    @Test
    void localhostNeedsNoDns() throws Exception {
        assertThat(texts(book.of("localhost").firstResult(loop).sync().getNow()))
                .containsExactly("0:0:0:0:0:0:0:1", "127.0.0.1");
        assertThat(dns.queries()).isZero();
    }
}

package io.crowfly.balancer;

import static io.crowfly.balancer.testbed.RunningBalancer.conf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;
import static org.assertj.core.api.InstanceOfAssertFactories.MAP;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.crowfly.balancer.testbed.CapturedLog;
import io.crowfly.balancer.testbed.Certificates;
import io.crowfly.balancer.testbed.ControllableBackend;
import io.crowfly.balancer.testbed.RunningBalancer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReloadReportTest {

    private static final String ADMIN = "admin: {bind: \"127.0.0.1:0\"}";

    @TempDir
    Path directory;

    private final ControllableBackend backend = new ControllableBackend();
    private RunningBalancer running;

    @BeforeEach
    void start() throws Exception {
        running = new RunningBalancer(directory, conf(backend.url())).awaitReady();
    }

    @AfterEach
    void stop() {
        running.close();
        backend.close();
    }

    private void write(String conf) throws Exception {
        Files.writeString(running.file, conf);
    }

    @Test
    void putsTheFileInForceOnRequest() throws Exception {
        write(conf(backend.url()).replace("region: nl", "region: no-1"));
        var response = running.admin("POST", "/reload");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(RunningBalancer.parseJson(response.body())).asInstanceOf(MAP).containsOnlyKeys("generation");
        assertThat(running.json("/conf"))
                .asInstanceOf(MAP)
                .extractingByKey("conf", MAP)
                .containsEntry("region", "no-1");
        assertThat(running.metrics()).contains("region=\"no-1\"").doesNotContain("region=\"nl\"");
    }

    @Test
    void putsTheFileInForceWhenItIsSaved() throws Exception {
        write(conf(backend.url()).replace("region: nl", "region: uk"));
        await().untilAsserted(
                        () -> assertThat(running.metrics()).contains("crowfly_conf_generation{region=\"uk\",} 2.0"));
    }

    @Test
    void refusesABadFileAndReportsTheProblems() throws Exception {
        write(conf(backend.url()).replace("provider: azure", "provider: azur"));
        var response = running.admin("POST", "/reload");
        assertThat(response.statusCode()).isEqualTo(422);
        assertThat(RunningBalancer.parseJson(response.body()))
                .asInstanceOf(MAP)
                .extractingByKey("problems", LIST)
                .first()
                .asInstanceOf(MAP)
                .containsOnlyKeys("file", "line", "column", "what", "mend")
                .containsEntry("line", "5");
        assertThat(running.json("/conf"))
                .asInstanceOf(MAP)
                .containsEntry("generation", "1")
                .extractingByKey("lastReload", MAP)
                .containsEntry("successful", "false")
                .extractingByKey("problems", LIST)
                .isNotEmpty();
        assertThat(running.metrics())
                .contains(
                        "crowfly_conf_last_reload_successful{region=\"nl\",} 0.0",
                        "crowfly_conf_generation{region=\"nl\",} 1.0");
        assertThat(running.get("/v1/models").statusCode()).isEqualTo(200);

        write(conf(backend.url()));
        assertThat(running.admin("POST", "/reload").statusCode()).isEqualTo(200);
        assertThat(running.metrics()).contains("crowfly_conf_last_reload_successful{region=\"nl\",} 1.0");
    }

    @Test
    void reportsAndLogsTheWarningsOfAConfThatTakesEffect() throws Exception {
        String certificate = Certificates.write(directory, "edge", "edge.test", Duration.ofDays(3));
        write(conf(backend.url())
                .replace("127.0.0.1:0\"}]", "127.0.0.1:0\", tls: {certificates: [" + certificate + "]}}]"));
        try (CapturedLog log = new CapturedLog(ConfReloader.class.getName())) {
            var response = running.admin("POST", "/reload");
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(RunningBalancer.parseJson(response.body()))
                    .asInstanceOf(MAP)
                    .containsOnlyKeys("generation", "warnings");
            assertThat(log.lines(Level.WARN)).isNotEmpty().allMatch(line -> line.contains("`edge.crt` expires at "));
        }
        assertThat(running.json("/conf"))
                .asInstanceOf(MAP)
                .extractingByKey("lastReload", MAP)
                .containsEntry("successful", "true")
                .extractingByKey("warnings", LIST)
                .hasSize(1);
    }

    @Test
    void refusesACertificateThatHasExpiredAndTakesItsRenewal() throws Exception {
        Certificates.write(directory, "edge", "edge.test", Duration.ofDays(-1));
        write(conf(backend.url())
                .replace("127.0.0.1:0\"}]", "127.0.0.1:0\", tls: {certificates: [{cert: edge.crt, key: edge.key}]}}]"));
        assertRefused("`edge.crt` expired at ");

        Certificates.write(directory, "edge", "edge.test");
        await().untilAsserted(() ->
                assertThat(running.metrics()).contains("crowfly_conf_last_reload_successful{region=\"nl\",} 1.0"));
    }

    @Test
    void refusesACertificateThatIsNotValidYet() throws Exception {
        String certificate =
                Certificates.write(directory, "edge", "edge.test", Duration.ofDays(1), Duration.ofDays(90));
        write(conf(backend.url())
                .replace("127.0.0.1:0\"}]", "127.0.0.1:0\", tls: {certificates: [" + certificate + "]}}]"));
        assertRefused("`edge.crt` is not valid before ");
    }

    @Test
    void refusesAnAuthorityOfABackendThatHasExpired() throws Exception {
        Certificates.write(directory, "ca", "ca.test", Duration.ofDays(-1));
        write(conf(backend.url().replace("http:", "https:"))
                .replace("region: westeurope", "region: westeurope, tls: {ca: ca.crt}"));
        assertRefused("`ca.crt` expired at ");
    }

    private void assertRefused(String problem) {
        var response = running.admin("POST", "/reload");
        assertThat(response.statusCode()).isEqualTo(422);
        assertThat(response.body()).contains(problem);
        assertThat(running.get("/v1/models").statusCode()).isEqualTo(200);
    }

    @Test
    void dropsTheSeriesOfABackendThatIsGone() throws Exception {
        running.get("/v1/models");
        assertThat(running.metrics()).contains("backend=\"one\"");
        write(conf(backend.url()).replace("name: one", "name: two"));
        running.admin("POST", "/reload");
        await().untilAsserted(() -> assertThat(running.metrics())
                .contains("crowfly_backend_healthy{backend=\"two\",provider=\"azure\",region=\"nl\",} 1.0")
                .doesNotContain("backend=\"one\""));
    }

    @Test
    void movesTheAdminToANewAddress() throws Exception {
        int before = running.balancer.adminPort();
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        write(conf(backend.url()).replace(ADMIN, "admin: {bind: \"127.0.0.1:" + free + "\"}"));
        assertThat(running.admin("POST", "/reload").statusCode()).isEqualTo(200);
        assertThat(running.balancer.adminPort()).isEqualTo(free);
        assertThat(running.admin("GET", "/healthz").statusCode()).isEqualTo(200);
        assertThatThrownBy(() -> new java.net.Socket("127.0.0.1", before).close())
                .isInstanceOf(java.net.ConnectException.class);
    }

    @Test
    void keepsTheAdminsSocketWhileItsAddressStays() throws Exception {
        int before = running.balancer.adminPort();
        write(conf(backend.url()).replace("region: nl", "region: uk"));
        running.admin("POST", "/reload");
        assertThat(running.balancer.adminPort()).isEqualTo(before);
    }

    @Test
    void changesNothingWhenTheAdminsAddressIsTaken() throws Exception {
        int before = running.balancer.adminPort();
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            write(conf(backend.url())
                    .replace(ADMIN, "admin: {bind: \"127.0.0.1:" + taken.getLocalPort() + "\"}")
                    .replace("region: nl", "region: uk"));
            var response = running.admin("POST", "/reload");
            assertThat(response.statusCode()).isEqualTo(422);
            assertThat(response.body()).contains("cannot bind 127.0.0.1:" + taken.getLocalPort(), "in use");
            assertThat(running.balancer.adminPort()).isEqualTo(before);
            assertThat(running.metrics()).contains("crowfly_conf_generation{region=\"nl\",} 1.0");
        }
    }

    @Test
    void bindsTheUnixSocketOfADeadProcessButNotOfALiveOne() throws Exception {
        Path socket = directory.resolve("admin.sock");
        String conf = conf(backend.url()).replace(ADMIN, "admin: {bind: \"unix:" + socket + "\"}");
        write(conf);
        try (ServerSocketChannel live = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            live.bind(UnixDomainSocketAddress.of(socket));
            assertThat(running.balancer.reload()).singleElement().satisfies(problem -> assertThat(problem.what())
                    .contains("another process listens on the socket"));
        }
        assertThat(socket).exists();
        assertThat(running.balancer.reload()).isEmpty();
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            assertThat(client.isConnected()).isTrue();
        }
    }
}

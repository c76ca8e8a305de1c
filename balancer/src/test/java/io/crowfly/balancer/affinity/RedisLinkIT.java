package io.crowfly.balancer.affinity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.crowfly.balancer.testbed.CapturedLog;
import io.crowfly.balancer.testbed.Certificates;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.security.KeyStore;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Tests of the connection to Redis, and that its password stays secret. */
class RedisLinkIT extends FleetTestbed {

    @Test
    void aPasswordIsSentToRedisAndNeverLogged() throws Exception {
        redis.requirePassword("open-sesame");
        redis.start();
        Logger lettuce = (Logger) LoggerFactory.getLogger("io.lettuce");
        // Its TRACE level, which Crowfly never enables, logs every byte that is sent.
        lettuce.setLevel(Level.DEBUG);
        try (CapturedLog log = new CapturedLog(org.slf4j.Logger.ROOT_LOGGER_NAME)) {
            SharedOwners right = Fleet.awaitReachable(fleet.instance("redis://:open-sesame@127.0.0.1:" + redis.port()));
            SharedOwners wrong = fleet.instance("redis://:open-barley@127.0.0.1:" + redis.port());
            await().until(() -> log.lines(Level.WARN), lines -> lines.stream()
                    .anyMatch(line -> line.contains("WRONGPASS")));

            assertThat(wrong.reachable()).isFalse();
            assertThat(Stream.of(Level.DEBUG, Level.INFO, Level.WARN, Level.ERROR)
                            .flatMap(level -> log.lines(level).stream()))
                    .isNotEmpty()
                    .noneMatch(line -> line.contains("open-sesame") || line.contains("open-barley"));
            assertThat(right + " " + wrong).doesNotContain("open-sesame", "open-barley");
        } finally {
            lettuce.setLevel(null);
        }
    }

    @Test
    void usesTlsWithARedisWhoseCertificateTheJvmTrusts() throws Exception {
        redis.useTls(Certificates.certificate("localhost", Certificates.CA));
        redis.start();
        String trustStore = directory.resolve("trusted.p12").toString();
        try (OutputStream out = new FileOutputStream(trustStore)) {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("ca", Certificates.CA.getCertificate());
            trusted.store(out, "changeit".toCharArray());
        }
        try (CapturedLog log = new CapturedLog(RedisLink.class.getName())) {
            fleet.instance("rediss://localhost:" + redis.port());
            await().until(() -> log.lines(Level.WARN).size() == 1);

            System.setProperty("javax.net.ssl.trustStore", trustStore);
            System.setProperty("javax.net.ssl.trustStorePassword", "changeit");
            Fleet.awaitReachable(fleet.instance("rediss://localhost:" + redis.port()));
            fleet.instance("rediss://127.0.0.1:" + redis.port());
            await().until(() -> log.lines(Level.WARN).size() == 2);
        } finally {
            System.clearProperty("javax.net.ssl.trustStore");
            System.clearProperty("javax.net.ssl.trustStorePassword");
        }
    }

    @Test
    void anInvalidUrlIsNotInTheErrorMessage() {
        assertThatThrownBy(() -> fleet.instance("http://:open-sesame@localhost"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasNoCause()
                .hasMessageNotContaining("sesame");
    }
}

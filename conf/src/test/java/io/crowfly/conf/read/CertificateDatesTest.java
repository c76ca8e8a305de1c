package io.crowfly.conf.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.conf.Problem;
import io.crowfly.conf.read.TestCertificates.Pem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateDatesTest {

    /** Valid for 90 days. */
    private static final Pem LONG = TestCertificates.EC;

    private static final Pem ONE_DAY = TestCertificates.make("EC", "-groupname", "secp256r1", "-validity", "1");

    private static final String LISTENER =
            TestConfFile.MINIMAL.replace("8080\"}", "8080\", tls: {certificates: [{cert: edge.crt, key: edge.key}]}}");
    private static final String BACKEND =
            TestConfFile.MINIMAL.replace("http://127.0.0.1:9101\"", "https://h\", tls: {ca: ca.crt}");

    @TempDir
    Path directory;

    TestConfFile file;

    @BeforeEach
    void createFile() throws IOException {
        file = new TestConfFile(directory);
        LONG.writeTo(directory);
    }

    private static X509Certificate certificate(Pem pem) {
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(pem.cert().getBytes(StandardCharsets.US_ASCII)));
        } catch (CertificateException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Instant end(Pem pem) {
        return certificate(pem).getNotAfter().toInstant();
    }

    private static Instant start(Pem pem) {
        return certificate(pem).getNotBefore().toInstant();
    }

    private ConfResult readAt(Instant now, String conf) {
        return file.read(conf, Clock.fixed(now, ZoneOffset.UTC));
    }

    private List<String> problemsAt(Instant now, String conf) {
        return file.problems(readAt(now, conf));
    }

    private List<String> warningsAt(Instant now, String conf) {
        ConfResult result = readAt(now, conf);
        assertThat(file.problems(result)).isEmpty();
        return ((ConfResult.Valid) result)
                .warnings().stream().map(Problem::what).toList();
    }

    @Test
    void aCertificateThatIsValidForMoreThanTwoWeeksCausesNothing() {
        assertThat(warningsAt(end(LONG).minus(Duration.ofDays(14)).minusSeconds(1), LISTENER))
                .isEmpty();
    }

    @Test
    void aCertificateThatExpiresWithinTwoWeeksCausesAWarning() {
        String expires = "`edge.crt` expires at " + end(LONG) + ", ";
        assertThat(warningsAt(end(LONG).minus(Duration.ofDays(14)), LISTENER)).containsExactly(expires + "in 14 days");
        assertThat(warningsAt(end(LONG).minus(Duration.ofDays(1)), LISTENER)).containsExactly(expires + "in one day");
        assertThat(warningsAt(end(LONG), LISTENER)).containsExactly(expires + "in less than a day");
    }

    @Test
    void anExpiredCertificateIsRefused() {
        assertThat(problemsAt(end(LONG).plusSeconds(1), LISTENER))
                .containsExactly("2:72: `edge.crt` expired at " + end(LONG) + "; renew it");
    }

    @Test
    void aCertificateThatIsNotValidYetIsRefused() {
        assertThat(problemsAt(start(LONG).minusSeconds(1), LISTENER))
                .containsExactly("2:72: `edge.crt` is not valid before " + start(LONG)
                        + "; name a certificate that is valid now, or correct the clock of this machine");
    }

    @Test
    void anExpiredCertificateBehindTheLeafIsRefusedToo() throws IOException {
        Files.writeString(directory.resolve("edge.crt"), LONG.cert() + ONE_DAY.cert());
        assertThat(problemsAt(end(ONE_DAY).plusSeconds(1), LISTENER))
                .containsExactly("2:72: certificate 2 in `edge.crt`, `CN=edge.example`, expired at " + end(ONE_DAY)
                        + "; renew it");
    }

    @Test
    void anAuthorityOfABackendIsCheckedInTheSameWay() throws IOException {
        Files.writeString(directory.resolve("ca.crt"), ONE_DAY.cert());
        assertThat(warningsAt(end(ONE_DAY).minusSeconds(60), BACKEND))
                .containsExactly("`ca.crt` expires at " + end(ONE_DAY) + ", in less than a day");
        assertThat(problemsAt(end(ONE_DAY).plusSeconds(1), BACKEND))
                .containsExactly("4:63: `ca.crt` expired at " + end(ONE_DAY) + "; renew it");
        assertThat(problemsAt(start(ONE_DAY).minusSeconds(1), BACKEND))
                .singleElement()
                .asString()
                .contains("is not valid before");
    }

    @Test
    void anExpiredAuthorityBesideAValidOneCausesAWarning() throws IOException {
        Files.writeString(directory.resolve("ca.crt"), ONE_DAY.cert() + LONG.cert());
        assertThat(warningsAt(end(ONE_DAY).plusSeconds(1), BACKEND))
                .containsExactly("certificate 1 in `ca.crt`, `CN=edge.example`, expired at " + end(ONE_DAY));
        assertThat(problemsAt(end(LONG).plusSeconds(1), BACKEND)).hasSize(2);
    }

    @Test
    void aRenewalOfAnExpiredCertificateLeadsToAReload() {
        assertThat(readAt(end(LONG).plusSeconds(1), LISTENER).files().paths()).contains(directory.resolve("edge.crt"));
    }
}

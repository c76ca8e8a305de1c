package io.crowfly.conf.read;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each file in {@code mistakes/} ends with its expected problems, one per line. */
class MistakesTest {

    private static final String EXPECTED = "#= ";

    @TempDir
    Path directory;

    TestConfFile file;

    @BeforeEach
    void writeReferencedFiles() throws IOException {
        file = new TestConfFile(directory);
        TestCertificates.EC.writeTo(directory);
        Files.writeString(directory.resolve("other.key"), TestCertificates.RSA.key());
        Files.writeString(directory.resolve("junk.pem"), "junk");
        Files.writeString(directory.resolve("broken.crt"), TestCertificates.pem("CERTIFICATE", new byte[99]));
        Files.writeString(directory.resolve("pkcs1.key"), TestCertificates.pem("RSA PRIVATE KEY", new byte[99]));
        Files.writeString(
                directory.resolve("encrypted.key"), TestCertificates.pem("ENCRYPTED PRIVATE KEY", new byte[99]));
        Files.writeString(directory.resolve("empty"), "\n");
        Files.writeString(directory.resolve("two-lines"), "hidden\nhidden");
        Files.writeString(directory.resolve("token"), "hidden");
        Files.writeString(directory.resolve("service-account.json"), TestServiceAccount.JSON);
        Files.writeString(
                directory.resolve("user.json"), TestServiceAccount.JSON.replace("service_account", "authorized_user"));
        Files.writeString(directory.resolve("no-email.json"), TestServiceAccount.json("", "hidden"));
        Files.writeString(
                directory.resolve("no-key.json"),
                "{\"client_email\": \"hidden\", \"private_key_id\": \"hidden\", \"private_key\": 5}");
        Files.writeString(
                directory.resolve("bad-key.json"), TestServiceAccount.json("hidden", TestCertificates.EC.key()));
        Files.writeString(
                directory.resolve("no-url.json"), TestServiceAccount.JSON.replace("https://oauth2", "hidden/"));
        Files.writeString(directory.resolve("no-id.json"), TestServiceAccount.JSON.replace("private_key_id", "hidden"));
        Files.writeString(directory.resolve("twice.json"), TestServiceAccount.JSON + TestServiceAccount.JSON);
        Files.write(directory.resolve("latin-1"), "hidden\u00e9".getBytes(StandardCharsets.ISO_8859_1));
    }

    static Stream<Path> files() throws IOException, URISyntaxException {
        return Files.list(Path.of(MistakesTest.class.getResource("mistakes").toURI()))
                .sorted();
    }

    @ParameterizedTest
    @MethodSource("files")
    void reportsEveryMistakeAtItsPlace(Path mistakes) throws IOException {
        List<String> expected = Files.readAllLines(mistakes).stream()
                .filter(line -> line.startsWith(EXPECTED))
                .map(line -> line.substring(EXPECTED.length()))
                .toList();

        assertThat(file.problems(Files.readString(mistakes)))
                .isNotEmpty()
                .containsExactlyElementsOf(expected)
                .noneMatch(problem -> problem.contains("hidden"));
    }

    @Test
    void reportsTenMistakesInTenLines() throws IOException, URISyntaxException {
        Path ten = files().filter(path -> path.endsWith("ten-mistakes.yaml"))
                .findFirst()
                .orElseThrow();

        assertThat(file.problems(Files.readString(ten))).hasSize(10);
    }
}

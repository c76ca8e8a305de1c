package io.crowfly.balancer.credential.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.crowfly.balancer.testbed.ServiceAccountFile;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServiceAccountKeyTest {

    private static final ServiceAccountFile ACCOUNT = new ServiceAccountFile();

    @TempDir
    Path directory;

    private Path file;
    private String good;

    @BeforeEach
    void write() throws Exception {
        file = ACCOUNT.write(directory.resolve("key.json"), URI.create("https://example.com/token"));
        good = Files.readString(file);
    }

    @Test
    void readsAllMembers() throws Exception {
        ServiceAccountKey key = ServiceAccountKey.read(file);
        assertThat(key.email()).isEqualTo(ServiceAccountFile.EMAIL);
        assertThat(key.id()).isEqualTo(ServiceAccountFile.KEY_ID);
        assertThat(key.tokenUrl()).isEqualTo(URI.create("https://example.com/token"));
        assertThat(key).hasToString(ServiceAccountFile.EMAIL + ", key " + ServiceAccountFile.KEY_ID);
    }

    @Test
    void usesGooglesTokenUrlIfTheFileNamesNone() throws Exception {
        Files.writeString(file, good.replace("token_uri", "another"));
        assertThat(ServiceAccountKey.read(file).tokenUrl())
                .isEqualTo(URI.create("https://oauth2.googleapis.com/token"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "(?s).*|{| is not JSON",
                "(?s).*|not json| is not JSON",
                "client_email|x| has no 'client_email': is it a service account's key?",
                "private_key_id|x| has no 'private_key_id': is it a service account's key?",
                "\"private_key\"|\"x\"| has no 'private_key': is it a service account's key?",
                "BEGIN|BEGIN RSA|: 'private_key' is not an RSA key in PKCS #8",
                "PRIVATE KEY-----.n|PRIVATE KEY-----AAAA|: 'private_key' is not an RSA key in PKCS #8",
                "https://example.com|exa mple|: 'token_uri' is not a URL",
                "https://example.com|/example|: 'token_uri' is not a URL",
                "https://example.com|https://|: 'token_uri' is not a URL",
            })
    void refusesAnInvalidFileWithAReasonThatQuotesNoneOfIt(String replaced, String by, String reason) throws Exception {
        Files.writeString(file, good.replaceFirst(replaced, by));
        FetchFailed failed = catchThrowableOfType(FetchFailed.class, () -> ServiceAccountKey.read(file));
        assertThat(failed.reason()).isEqualTo(file + reason.replace('\'', '`').replace("account`s", "account's"));
    }

    @Test
    void reportsAMissingFileByItsName() {
        FetchFailed failed =
                catchThrowableOfType(FetchFailed.class, () -> ServiceAccountKey.read(directory.resolve("none")));
        assertThat(failed.reason()).isEqualTo(directory.resolve("none") + " does not exist");
    }
}

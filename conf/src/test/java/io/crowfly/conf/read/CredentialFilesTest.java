package io.crowfly.conf.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.conf.Credential;
import io.crowfly.conf.value.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Secrets rotate without a reload: a valid file of a secret is not watched; a file with a problem is. */
class CredentialFilesTest {

    @TempDir
    Path directory;

    TestConfFile file;

    @BeforeEach
    void writeReferencedFiles() throws IOException {
        file = new TestConfFile(directory);
        Files.writeString(directory.resolve("secret"), "s-secret\n");
        Files.writeString(directory.resolve("sa.json"), TestServiceAccount.JSON);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "provider: openai, credential: {api-key: '${file:secret}'}",
                "provider: openai, credential: {bearer: '${file:secret}'}",
                "provider: openai, headers: {set: {x-a: '${file:secret}'}}",
                "provider: azure, credential: {entra: {tenant: t, client-id: c, client-secret: '${file:secret}'}}",
                "provider: azure, credential: {entra: {tenant: t, client-id: c, federated-token-file: secret}}",
                "provider: google, api: gemini, credential: {service-account: sa.json}",
                "provider: google, api: gemini, credential: {service-account: {file: sa.json}}",
                "provider: google, api: gemini, credential: {workload-identity-federation: {audience: a, subject-token-file: secret}}",
            })
    void aFileOfASecretIsWatchedOnlyWhileItHasAProblem(String backend) throws IOException {
        String text = TestConfFile.oneBackend(backend + ", url: 'https://h'");

        ConfResult valid = file.read(text);
        assertThat(file.problems(valid)).isEmpty();
        assertThat(valid.files().paths()).containsExactly(file.path);

        Path named = directory.resolve(backend.contains("sa.json") ? "sa.json" : "secret");
        Files.writeString(named, "");
        assertThat(file.read(text).files().paths()).containsExactlyInAnyOrder(file.path, named);
        Files.delete(named);
        ConfResult gone = file.read(text);
        assertThat(gone).isInstanceOf(ConfResult.Invalid.class);
        assertThat(gone.files().paths()).containsExactlyInAnyOrder(file.path, named);
    }

    @Test
    void aFileThatIsOnlyPartOfASecretIsWatched() {
        ConfResult result = file.read(TestConfFile.backend("credential: {bearer: 'a-${file:secret}'}"));

        assertThat(result.files().paths()).containsExactlyInAnyOrder(file.path, directory.resolve("secret"));
        assertThat(((ConfResult.Valid) result).conf().backends().get(0).credential())
                .isEqualTo(new Credential.Bearer(new Secret("a-s-secret")));
    }

    @Test
    void aFileThatIsAWholeSecretAndAlsoAnotherTextIsWatched() {
        ConfResult result =
                file.read(TestConfFile.backend("region: '${file:secret}', credential: {bearer: '${file:secret}'}"));

        assertThat(result).isInstanceOf(ConfResult.Valid.class);
        assertThat(result.files().paths()).contains(directory.resolve("secret"));
    }

    @Test
    void aFileIsComparedWithItsStateBeforeItWasRead() throws IOException {
        Files.writeString(directory.resolve("secret"), "");
        ConfResult bad = file.read(TestConfFile.backend("credential: {bearer: '${file:secret}'}"));
        assertThat(bad.files().current()).isEqualTo(bad.files());

        Files.writeString(directory.resolve("secret"), "mended");

        assertThat(bad.files().current()).isNotEqualTo(bad.files());
    }
}

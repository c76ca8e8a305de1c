package io.crowfly.conf.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.conf.Backend;
import io.crowfly.conf.BackendHeaders;
import io.crowfly.conf.value.Glob;
import io.crowfly.conf.value.Secret;
import io.crowfly.conf.value.SecretFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackendHeadersReaderTest {

    @TempDir
    Path directory;

    @Test
    void readsHeadersToSetAndHeadersToPass() throws IOException {
        Files.writeString(directory.resolve("project"), "from a file\n");

        Backend backend = new TestConfFile(directory)
                .valid(TestConfFile.backend("""
                headers: {
                        set: {X-Project: abc def, ocp-apim-subscription-key: "${env:KEY}", x-file: "${file:project}"},
                        pass: [TraceParent, "x-stainless-*"]}"""))
                .backends()
                .get(0);

        assertThat(backend.headers())
                .isEqualTo(new BackendHeaders(
                        Map.of(
                                "x-project", new Secret("abc def"),
                                "ocp-apim-subscription-key", new Secret("k-secret-1234"),
                                "x-file", new SecretFile(directory.resolve("project"))),
                        List.of(new Glob("traceparent"), new Glob("x-stainless-*"))));
    }
}

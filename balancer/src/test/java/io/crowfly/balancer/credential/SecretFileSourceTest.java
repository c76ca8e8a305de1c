package io.crowfly.balancer.credential;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.crowfly.balancer.testbed.CapturedLog;
import io.crowfly.conf.Credential;
import io.crowfly.conf.value.SecretFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretFileSourceTest {

    private static final Duration ONE_CHECK = Duration.ofSeconds(1);
    private static final Duration TWO_CHECKS = Duration.ofSeconds(2);

    @TempDir
    Path directory;

    private final ManualTimeExecutor time = new ManualTimeExecutor();
    private final Credentials credentials = new Credentials(time.credentialThread(0));
    private final CapturedLog log = new CapturedLog(SecretFileSource.class.getName());
    private Path file;

    @BeforeEach
    void write() throws Exception {
        file = directory.resolve("key");
        Files.writeString(file, "first\n");
    }

    @AfterEach
    void close() {
        credentials.close();
        log.close();
    }

    private CredentialSource source() throws Exception {
        CredentialSource source = credentials.source(new Credential.ApiKey(new SecretFile(file)));
        time.settle();
        return source;
    }

    private static String value(CredentialSource source) {
        return ((AttachedCredential.Header) source.current()).value();
    }

    private boolean refresh(CredentialSource source, AttachedCredential refused) throws Exception {
        CompletableFuture<Boolean> result = new CompletableFuture<>();
        source.refresh(refused, Runnable::run, result::complete);
        time.settle();
        assertThat(result).isDone();
        return result.get();
    }

    @Test
    void returnsTheContentWithoutTheFinalLineBreak() throws Exception {
        CredentialSource apiKey = source();
        assertThat(apiKey.current()).hasToString("api-key: ***");
        assertThat(value(apiKey)).isEqualTo("first");
        CredentialSource bearer = credentials.source(new Credential.Bearer(new SecretFile(file)));
        time.settle();
        assertThat(bearer.current()).hasToString("authorization: ***");
        assertThat(value(bearer)).isEqualTo("Bearer first");
    }

    @Test
    void readsAKeyWrittenInPlace() throws Exception {
        CredentialSource source = source();
        Files.writeString(file, "the-second");
        time.advance(TWO_CHECKS);
        assertThat(value(source)).isEqualTo("the-second");
    }

    @Test
    void readsAKeyRenamedIntoPlace() throws Exception {
        CredentialSource source = source();
        Files.move(Files.writeString(directory.resolve("key.new"), "other\n"), file, StandardCopyOption.ATOMIC_MOVE);
        time.advance(TWO_CHECKS);
        assertThat(value(source)).isEqualTo("other");
    }

    @Test
    void readsAKeyBehindAReplacedSymbolicLink() throws Exception {
        // Kubernetes mounts a secret like this: key -> ..data/key, ..data -> ..2026_1, and replaces ..data.
        for (String version : List.of("..2026_1", "..2026_2")) {
            Files.writeString(Files.createDirectory(directory.resolve(version)).resolve("key"), version);
        }
        Path data = Files.createSymbolicLink(directory.resolve("..data"), Path.of("..2026_1"));
        file = Files.createSymbolicLink(directory.resolve("linked"), Path.of("..data/key"));
        CredentialSource source = source();
        assertThat(value(source)).isEqualTo("..2026_1");
        Files.move(
                Files.createSymbolicLink(directory.resolve("..data_tmp"), Path.of("..2026_2")),
                data,
                StandardCopyOption.ATOMIC_MOVE);
        time.advance(TWO_CHECKS);
        assertThat(value(source)).isEqualTo("..2026_2");
    }

    @Test
    void waitsUntilAKeyIsCompletelyWritten() throws Exception {
        CredentialSource source = source();
        Files.writeString(file, "hal");
        time.advance(ONE_CHECK);
        Files.writeString(file, "half-");
        time.advance(ONE_CHECK);
        Files.writeString(file, "half-a-key");
        time.advance(ONE_CHECK);
        assertThat(value(source)).isEqualTo("first");
        time.advance(ONE_CHECK);
        assertThat(value(source)).isEqualTo("half-a-key");
    }

    @Test
    void keepsTheLastKeyWhileTheFileIsMissingOrEmpty() throws Exception {
        CredentialSource source = source();
        Files.delete(file);
        time.advance(TWO_CHECKS.plus(ONE_CHECK));
        assertThat(value(source)).isEqualTo("first");
        assertThat(source.status().failures()).isEqualTo(2);
        assertThat(source.status().reason()).isEqualTo(file + " does not exist");
        Files.createFile(file);
        time.advance(TWO_CHECKS);
        assertThat(value(source)).isEqualTo("first");
        assertThat(source.status().reason()).isEqualTo(file + " is empty");
        Files.writeString(file, "back");
        time.advance(TWO_CHECKS);
        assertThat(value(source)).isEqualTo("back");
        assertThat(source.status().failures()).isZero();
        assertThat(source.status().reason()).isEmpty();
        String prefix = "credential api-key in " + file + ": ";
        assertThat(log.lines(Level.WARN))
                .containsExactly(prefix + file + " does not exist; the current credential is used until it expires");
        assertThat(log.lines(Level.INFO)).singleElement().asString().startsWith(prefix + "obtained again after ");
    }

    @Test
    void isMissingUntilThereIsAFirstKey() throws Exception {
        Files.delete(file);
        CredentialSource source = source();
        assertThat(source.current()).isEqualTo(new AttachedCredential.Missing(file + " does not exist"));
        Files.writeString(file, "late");
        time.advance(TWO_CHECKS);
        assertThat(value(source)).isEqualTo("late");
    }

    @Test
    void refusesWhatAHeaderCannotCarry() throws Exception {
        Files.writeString(file, "s3cret\r\nx-evil: 1");
        CredentialSource source = source();
        assertThat(source.current())
                .isEqualTo(new AttachedCredential.Missing(
                        file + " contains a space or a character beyond ASCII, which a header can't carry"));
    }

    @Test
    void readsTheFileAtOnceWhenABackendRefusesTheKey() throws Exception {
        CredentialSource source = source();
        AttachedCredential first = source.current();
        assertThat(refresh(source, first)).isFalse();
        Files.writeString(file, "second");
        assertThat(refresh(source, first)).isTrue();
        assertThat(value(source)).isEqualTo("second");
        assertThat(refresh(source, first)).isTrue();
        assertThat(refresh(source, source.current())).isFalse();
    }

    @Test
    void stopsReadingOnceTheConfNoLongerNamesTheFile() throws Exception {
        CredentialSource source = source();
        credentials.retain(Set.of());
        Files.writeString(file, "second");
        time.advance(TWO_CHECKS.plus(TWO_CHECKS));
        assertThat(value(source)).isEqualTo("first");
        assertThat(credentials.statuses()).isEmpty();
    }
}

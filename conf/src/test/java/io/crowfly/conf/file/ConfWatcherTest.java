package io.crowfly.conf.file;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.conf.read.ConfReader;
import io.crowfly.conf.read.ConfResult;
import io.crowfly.conf.read.TestConfFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfWatcherTest {

    @TempDir
    Path directory;

    Path conf;
    final AtomicInteger changes = new AtomicInteger();

    @BeforeEach
    void writeConf() throws IOException {
        conf = directory.resolve("crowfly.yaml");
        Files.writeString(conf, "first");
    }

    WatchedFiles read(Path file) {
        return new ConfReader(Map.of()).read(file).files();
    }

    @Nested
    class OnItsOwnThread {

        final ConfWatcher watcher = new ConfWatcher(Duration.ofMillis(2), changes::incrementAndGet);

        @AfterEach
        void close() {
            watcher.close();
        }

        /**
         * Waits for at least so many: on a busy machine, a truncated file may look stable before its content is
         * written.
         */
        void awaitChanges(int times) {
            await().untilAsserted(() -> assertThat(changes).hasValueGreaterThanOrEqualTo(times));
        }

        @Test
        void reportsAFileWrittenInPlace() throws IOException {
            watcher.watch(read(conf));
            Files.writeString(conf, "the second");
            awaitChanges(1);
        }

        @Test
        void reportsAFileReplacedByARenameAsEditorsDo() throws IOException {
            watcher.watch(read(conf));
            // Same length and same time: only the inode differs.
            Path other = Files.writeString(directory.resolve(".crowfly.yaml.swp"), "other");
            Files.setLastModifiedTime(other, Files.getLastModifiedTime(conf));
            Files.move(other, conf, ATOMIC_MOVE);
            awaitChanges(1);
        }

        @Test
        void reportsAFileDeletedAndCreatedAgain() throws IOException {
            watcher.watch(read(conf));
            Files.delete(conf);
            awaitChanges(1);
            Files.writeString(conf, "again");
            awaitChanges(2);
        }

        @Test
        void reportsAMissingFileThatAppears() throws IOException {
            Path secret = directory.resolve("secret");
            ConfResult result =
                    new TestConfFile(directory).read(TestConfFile.backend("credential: {bearer: \"${file:secret}\"}"));
            assertThat(result).isInstanceOf(ConfResult.Invalid.class);
            watcher.watch(result.files());
            Files.writeString(secret, "t");
            awaitChanges(1);
        }

        @Test
        void reportsASwapOfTheDataLinkByKubernetes() throws IOException {
            Path mount = Files.createDirectory(directory.resolve("mount"));
            Files.writeString(Files.createDirectory(mount.resolve("..2026_1")).resolve("crowfly.yaml"), "same");
            Files.writeString(Files.createDirectory(mount.resolve("..2026_2")).resolve("crowfly.yaml"), "same");
            Files.createSymbolicLink(mount.resolve("..data"), Path.of("..2026_1"));
            Files.createSymbolicLink(mount.resolve("crowfly.yaml"), Path.of("..data", "crowfly.yaml"));
            watcher.watch(read(mount.resolve("crowfly.yaml")));

            Files.createSymbolicLink(mount.resolve("..data_tmp"), Path.of("..2026_2"));
            Files.move(mount.resolve("..data_tmp"), mount.resolve("..data"), ATOMIC_MOVE);

            awaitChanges(1);
        }

        @Test
        void reportsAChangeOfTheFileBehindALink() throws IOException {
            Path link = Files.createSymbolicLink(directory.resolve("link.yaml"), conf);
            watcher.watch(read(link));
            Files.writeString(conf, "the second");
            awaitChanges(1);
        }

        @Test
        void reportsAChangeBetweenReadingAndWatching() throws IOException {
            WatchedFiles files = read(conf);
            Files.writeString(conf, "the second");
            watcher.watch(files);
            awaitChanges(1);
        }
    }

    @Nested
    class PolledByTheTest {

        final ConfWatcher watcher = new ConfWatcher(Duration.ofDays(1), changes::incrementAndGet);

        @AfterEach
        void close() {
            watcher.close();
        }

        @Test
        void reportsAChangeOnlyOnceTheFileIsStable() throws IOException {
            watcher.watch(read(conf));
            Files.writeString(conf, "half of");
            watcher.poll();
            Files.writeString(conf, "half of the second");
            watcher.poll();
            assertThat(changes).hasValue(0);
            watcher.poll();
            assertThat(changes).hasValue(1);
        }

        @Test
        void reportsOneChangeOnceEvenIfTheConfIsNotReadAgain() throws IOException {
            watcher.watch(read(conf));
            Files.writeString(conf, "the second");
            for (int i = 0; i < 5; i++) {
                watcher.poll();
            }
            assertThat(changes).hasValue(1);
        }

        @Test
        void ignoresFilesThatTheConfNoLongerNames() throws IOException {
            Path other = Files.writeString(directory.resolve("other.yaml"), "other");
            watcher.watch(read(conf));
            watcher.watch(read(other));
            Files.writeString(conf, "the second");
            watcher.poll();
            watcher.poll();
            assertThat(changes).hasValue(0);
        }

        @Test
        void reportsNothingBeforeTheFirstCallOfWatch() {
            watcher.poll();
            watcher.poll();
            assertThat(changes).hasValue(0);
        }
    }

    @Test
    void continuesAfterACallbackThatThrows() throws IOException {
        try (ConfWatcher watcher = new ConfWatcher(Duration.ofMillis(2), () -> {
            if (changes.incrementAndGet() == 1) {
                throw new IllegalStateException("thrown on purpose by a test");
            }
        })) {
            watcher.watch(read(conf));
            Files.writeString(conf, "the second");
            await().untilAsserted(() -> assertThat(changes).hasValueGreaterThanOrEqualTo(1));
            Files.writeString(conf, "and the third");
            await().untilAsserted(() -> assertThat(changes).hasValueGreaterThanOrEqualTo(2));
        }
    }

    @Test
    void theThreadIsADaemonAndEndsWithTheWatcher() {
        try (ConfWatcher watcher = new ConfWatcher(Duration.ofMillis(2), changes::incrementAndGet)) {
            await().untilAsserted(() -> assertThat(threads()).isNotZero());
        }
        await().untilAsserted(() -> assertThat(threads()).isZero());
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("crowfly-conf-watcher") && thread.isDaemon())
                .count();
    }
}

package io.crowfly.bench.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Temporary folder of a benchmark run, deleted on {@link #close}. If the JVM receives a signal to end, the run's thread
 * is interrupted, and the JVM waits for {@link #close}. So a run that closes its {@link Children} before this folder
 * leaves no process behind.
 */
public final class RunFolder implements AutoCloseable {

    /** Limit of the JVM's wait for {@link #close} at a signal. Children and event loops stop sooner. */
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

    private final Path path;
    private final CountDownLatch closed = new CountDownLatch(1);

    private RunFolder(Path path) {
        this.path = path;
    }

    /** Creates a folder for the run of the calling thread. */
    public static RunFolder create(String name) throws IOException {
        RunFolder folder = new RunFolder(Files.createTempDirectory("crowfly-" + name));
        Runtime.getRuntime().addShutdownHook(folder.shutdownHook(Thread.currentThread()));
        return folder;
    }

    private Thread shutdownHook(Thread run) {
        return new Thread(
                () -> {
                    run.interrupt();
                    try {
                        closed.await(CLOSE_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
                    } catch (InterruptedException hurried) {
                        Thread.currentThread().interrupt();
                    }
                },
                "end-run");
    }

    public Path path() {
        return path;
    }

    /** Deletes the folder. */
    @Override
    public void close() throws IOException {
        try (Stream<Path> all = Files.walk(path)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        } finally {
            closed.countDown();
        }
    }
}

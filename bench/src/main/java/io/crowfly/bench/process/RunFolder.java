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
 * The temporary folder of a run. When the JVM receives a signal to end, the run's thread is interrupted, and the JVM
 * waits until this object is closed. So a run that stops its children first leaves none behind.
 */
public final class RunFolder implements AutoCloseable {

    /** Longer than the time for children and event loops to stop. */
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

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
 * Where a run keeps its files while it lasts. When the JVM is told to go, the run's thread is interrupted, and the JVM
 * stays until this is closed: a run that stops its children first leaves none behind.
 */
public final class RunFolder implements AutoCloseable {

    /** More than children and event loops are given to stop. */
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

    private final Path path;
    private final CountDownLatch closed = new CountDownLatch(1);

    private RunFolder(Path path) {
        this.path = path;
    }

    /** Makes a folder for the run of the calling thread. */
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

    /** Deletes it. */
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

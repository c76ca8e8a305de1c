package io.crowfly.balancer.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Peer that writes the same text at a fixed interval, until the connection is closed or this object is. */
public final class RepeatedWrites implements AutoCloseable {

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();

    private RepeatedWrites() {}

    public static RepeatedWrites start(RawConnection connection, String text, Duration interval) {
        RepeatedWrites writes = new RepeatedWrites();
        writes.thread.scheduleAtFixedRate(() -> write(connection, text), 0, interval.toMillis(), TimeUnit.MILLISECONDS);
        return writes;
    }

    private static void write(RawConnection connection, String text) {
        try {
            connection.write(text);
        } catch (IOException e) {
            // After an exception, the task is not run again.
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}

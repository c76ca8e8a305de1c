package io.crowfly.bench.reload;

import io.crowfly.bench.load.HttpCall;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.zip.CRC32C;

/**
 * Clients of {@code bench reload} that repeat one request until closed, each call on a new connection. Keeps all failed
 * calls.
 */
final class CallLoop implements AutoCloseable {

    private static final int BUFFER_BYTES = 16 * 1024;

    private final int port;
    private final Target target;
    private final List<Thread> clients = new ArrayList<>();
    private final LongAdder completed = new LongAdder();
    private final AtomicInteger inFlight = new AtomicInteger();
    private final Map<String, LongAdder> byBackend = new ConcurrentHashMap<>();
    private final List<FailedCall> failed = new CopyOnWriteArrayList<>();
    private volatile boolean closed;

    /**
     * Request that the clients repeat, and the expected response.
     *
     * @param crc32c checksum of the response's body; absent if the bodies of the backends differ
     * @param pause pause between two calls of a client
     */
    record Target(String path, Optional<String> crc32c, Duration pause) {}

    /**
     * Call that failed.
     *
     * @param startedNanos start of the call, in the time of {@link System#nanoTime}
     * @param truncated whether the head of a successful response was received, but not the whole body
     * @param reason description for diagnosis
     */
    record FailedCall(long startedNanos, boolean truncated, String reason) {}

    CallLoop(int port, Target target, int count) {
        this.port = port;
        this.target = target;
        for (int i = 0; i < count; i++) {
            clients.add(new Thread(this::callRepeatedly, "client-" + i));
        }
        clients.forEach(Thread::start);
    }

    private void callRepeatedly() {
        try {
            while (!closed) {
                inFlight.incrementAndGet();
                call();
                inFlight.decrementAndGet();
                Thread.sleep(target.pause().toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void call() {
        long startedNanos = System.nanoTime();
        boolean responding = false;
        try (HttpCall call = HttpCall.connect(port)) {
            call.get(target.path());
            if (call.status() != 200) {
                failed.add(new FailedCall(startedNanos, false, "status " + call.status()));
                return;
            }
            responding = true;
            String backend = call.header("x-crowfly-backend").orElse("unknown");
            byBackend.computeIfAbsent(backend, name -> new LongAdder()).increment();
            String crc = readBody(call);
            if (target.crc32c().isPresent() && !target.crc32c().get().equals(crc)) {
                failed.add(new FailedCall(startedNanos, false, "the body was damaged"));
                return;
            }
            completed.increment();
        } catch (IOException e) {
            failed.add(new FailedCall(startedNanos, responding, String.valueOf(e.getMessage())));
        }
    }

    private static String readBody(HttpCall call) throws IOException {
        CRC32C crc = new CRC32C();
        byte[] buffer = new byte[BUFFER_BYTES];
        for (long remaining = call.contentLength(); remaining > 0; ) {
            int read = call.readBody(buffer, remaining);
            crc.update(buffer, 0, read);
            remaining -= read;
        }
        return String.format("%08x", crc.getValue());
    }

    long completed() {
        return completed.sum();
    }

    /** Returns the number of calls without a complete response. */
    int inFlight() {
        return inFlight.get();
    }

    List<FailedCall> failed() {
        return List.copyOf(failed);
    }

    /** Returns the number of responses that each backend has begun. */
    Map<String, Long> byBackend() {
        Map<String, Long> counts = new TreeMap<>();
        byBackend.forEach((name, count) -> counts.put(name, count.sum()));
        return counts;
    }

    /** Stops the clients. Waits for the calls in progress. */
    @Override
    public void close() throws InterruptedException {
        closed = true;
        for (Thread client : clients) {
            client.join();
        }
    }
}

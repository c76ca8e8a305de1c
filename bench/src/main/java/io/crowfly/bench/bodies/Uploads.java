package io.crowfly.bench.bodies;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

/**
 * Results of the uploads that clients of {@code bench bodies} sent at the same time.
 *
 * @param framing framing of the bodies: {@code content-length} or chunked
 * @param bytes size of each body
 * @param seconds time from the first byte to the last response
 * @param all the result of each client
 */
record Uploads(String framing, long bytes, double seconds, List<Upload> all) {

    /**
     * Sends one body per client at once, each on its own connection and thread. Blocks until all responses are
     * received.
     */
    static Uploads sendConcurrently(int clients, long bytes, int port, boolean chunked, Map<String, String> models)
            throws InterruptedException {
        List<Callable<Upload>> work = new ArrayList<>();
        for (int client = 0; client < clients; client++) {
            LargeChat chat = new LargeChat(bytes, client);
            work.add(() -> Upload.send(chat, port, chunked, models));
        }
        ExecutorService threads = Executors.newFixedThreadPool(clients);
        try {
            long start = System.nanoTime();
            List<Upload> all = new ArrayList<>();
            for (Future<Upload> each : threads.invokeAll(work)) {
                all.add(each.get());
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            return new Uploads(framingName(chunked), bytes, seconds, all);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a client failed", e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }

    static String framingName(boolean chunked) {
        return chunked ? "chunked" : "content-length";
    }

    long succeeded() {
        return all.stream().filter(Upload::succeeded).count();
    }

    long intact() {
        return all.stream().filter(Upload::intact).count();
    }

    long intactAt(String backend) {
        return all.stream()
                .filter(upload -> upload.intact() && upload.backend().equals(backend))
                .count();
    }

    /** Returns the failures and how often each happened. */
    Map<String, Long> failures() {
        return all.stream()
                .filter(upload -> !upload.succeeded())
                .collect(Collectors.groupingBy(Upload::failure, TreeMap::new, Collectors.counting()));
    }
}

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
 * Bodies that were sent at once.
 *
 * @param how their framing
 * @param bytes of each
 */
record Uploads(String how, long bytes, double seconds, List<Upload> all) {

    /** Sends as many as there are clients, each on a connection and from a thread of its own. Blocks until all are answered. */
    static Uploads atOnce(int clients, long bytes, int port, boolean chunked, Map<String, String> models)
            throws InterruptedException {
        List<Callable<Upload>> work = new ArrayList<>();
        for (int client = 0; client < clients; client++) {
            LongChat chat = new LongChat(bytes, client);
            work.add(() -> Upload.of(chat, port, chunked, models));
        }
        ExecutorService threads = Executors.newFixedThreadPool(clients);
        try {
            long start = System.nanoTime();
            List<Upload> all = new ArrayList<>();
            for (Future<Upload> each : threads.invokeAll(work)) {
                all.add(each.get());
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            return new Uploads(framing(chunked), bytes, seconds, all);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a client failed", e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }

    static String framing(boolean chunked) {
        return chunked ? "chunked" : "content-length";
    }

    long answered() {
        return all.stream().filter(Upload::answered).count();
    }

    long intact() {
        return all.stream().filter(Upload::intact).count();
    }

    long intactAt(String backend) {
        return all.stream()
                .filter(upload -> upload.intact() && upload.backend().equals(backend))
                .count();
    }

    /** Everything that happened instead of an answer, and how often. */
    Map<String, Long> otherwise() {
        return all.stream()
                .filter(upload -> !upload.answered())
                .collect(Collectors.groupingBy(Upload::otherwise, TreeMap::new, Collectors.counting()));
    }
}

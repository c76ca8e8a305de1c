package io.crowfly.balancer.admin;

import io.crowfly.balancer.exchange.Snapshot;
import io.crowfly.balancer.metrics.Metrics;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/**
 * Every path and what answers it. Pages are made on a thread of their own; reloads, which may take longer, on another, so
 * that a readiness check never waits for one.
 */
public final class Pages implements AutoCloseable {

    private static final int DECISIONS_BY_DEFAULT = 100;

    private final Operations operations;
    private final Metrics metrics;
    private final Decisions decisions;
    private final List<EventLoop> loops;
    private final ExecutorService reading = Executors.newSingleThreadExecutor(task -> daemon(task, "crowfly-admin"));
    private final ExecutorService reloading =
            Executors.newSingleThreadExecutor(task -> daemon(task, "crowfly-admin-reload"));
    private final Map<String, Page> pages = new LinkedHashMap<>();

    private interface Handler {
        CompletableFuture<Answer> answer(Asked asked);
    }

    private record Page(String method, String what, Handler handler) {}

    /** @param loops those that move bytes, in the order of their numbers */
    public Pages(Operations operations, Metrics metrics, Decisions decisions, List<EventLoop> loops) {
        this.operations = operations;
        this.metrics = metrics;
        this.decisions = decisions;
        this.loops = loops;
        get("/", "this list", asked -> Answer.plain(200, list()));
        get("/healthz", "200 while the process lives", asked -> Answer.plain(200, "alive\n"));
        get("/readyz", "200 if traffic may be sent here, else 503", asked -> readyz());
        get("/metrics", "Prometheus' text", this::metrics);
        get("/backends", "the backends, best first", asked -> backends());
        pages.put("/decisions", new Page("GET", "?last=N: the last decisions, newest first", this::decisions));
        get("/conf", "the conf in force, and how the last reload went", asked -> conf());
        pages.put("/reload", new Page("POST", "reads the conf file again", asked -> reload()));
        pages.put("/drain", new Page("POST", "finishes what is under way and ends", asked -> drain()));
    }

    private interface Reading {
        Answer answer(Asked asked);
    }

    private void get(String path, String what, Reading page) {
        pages.put(
                path, new Page("GET", what, asked -> CompletableFuture.supplyAsync(() -> page.answer(asked), reading)));
    }

    /** May end on any thread, exceptionally too. */
    CompletableFuture<Answer> answer(Asked asked) {
        Page page = pages.get(asked.query().path());
        if (page == null) {
            return CompletableFuture.completedFuture(Answer.error(404, "there is no such path; GET / lists them"));
        }
        if (!page.method().equals(asked.method().equals("HEAD") ? "GET" : asked.method())) {
            return CompletableFuture.completedFuture(
                    Answer.wrongMethod(page.method().equals("GET") ? "GET, HEAD" : page.method()));
        }
        if (page.method().equals("POST") && asked.fromOtherSite()) {
            return CompletableFuture.completedFuture(Answer.error(403, "not for pages of other sites"));
        }
        return page.handler().answer(asked);
    }

    private String list() {
        return pages.entrySet().stream()
                .map(entry -> String.format(
                        "%-4s %-11s %s%n",
                        entry.getValue().method(),
                        entry.getKey(),
                        entry.getValue().what()))
                .collect(Collectors.joining());
    }

    private Answer readyz() {
        return operations
                .unready()
                .map(why -> Answer.plain(503, why + "\n"))
                .orElseGet(() -> Answer.plain(200, "ready\n"));
    }

    private Answer metrics(Asked asked) {
        String contentType = Metrics.contentType(asked.accept());
        return Answer.text(200, contentType, metrics.text(contentType));
    }

    private Answer backends() {
        return Answer.json(200, new BackendsJson(operations.snapshot(), operations.ranking(), metrics));
    }

    private CompletableFuture<Answer> decisions(Asked asked) {
        int last;
        try {
            last = Integer.parseInt(last(asked.query()));
        } catch (NumberFormatException e) {
            last = -1;
        }
        if (last < 0) {
            return CompletableFuture.completedFuture(Answer.error(400, "last is a number from 0 up"));
        }
        return decisions
                .last(last, loops)
                .thenApplyAsync(outcomes -> Answer.json(200, new DecisionsJson(outcomes)), reading);
    }

    private static String last(QueryStringDecoder query) {
        List<String> values = query.parameters().get("last");
        return values == null ? String.valueOf(DECISIONS_BY_DEFAULT) : values.get(0);
    }

    private Answer conf() {
        Snapshot snapshot = operations.snapshot();
        LastReload last = operations.lastReload();
        return Answer.json(200, json -> {
            json.writeStartObject();
            json.writeNumberField("generation", snapshot.generation());
            json.writeObjectFieldStart("lastReload");
            json.writeStringField("time", last.time().toString());
            json.writeBooleanField("successful", last.successful());
            json.writeFieldName("problems");
            new ProblemsJson(last.problems()).writeTo(json);
            json.writeEndObject();
            json.writeFieldName("conf");
            new ConfJson(snapshot.conf()).writeTo(json);
            json.writeEndObject();
        });
    }

    private CompletableFuture<Answer> reload() {
        return CompletableFuture.supplyAsync(operations::reload, reloading)
                .thenApply(problems -> Answer.json(problems.isEmpty() ? 200 : 422, json -> {
                    json.writeStartObject();
                    if (problems.isEmpty()) {
                        json.writeNumberField(
                                "generation", operations.snapshot().generation());
                    } else {
                        json.writeFieldName("problems");
                        new ProblemsJson(problems).writeTo(json);
                    }
                    json.writeEndObject();
                }));
    }

    private CompletableFuture<Answer> drain() {
        operations.drain();
        return CompletableFuture.completedFuture(Answer.json(202, json -> {
            json.writeStartObject();
            json.writeBooleanField("draining", true);
            json.writeEndObject();
        }));
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void close() {
        reading.shutdown();
        reloading.shutdown();
    }
}

package io.crowfly.balancer.admin;

import io.crowfly.balancer.admin.decision.RecentDecisions;
import io.crowfly.balancer.attempt.Snapshot;
import io.crowfly.balancer.metrics.Metrics;
import io.crowfly.conf.Problem;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/**
 * Table of the admin server's paths, which calls the handler of a request's path. One thread makes the pages. Another
 * thread runs reloads, which may take longer, so that a readiness check never waits for a reload.
 */
public final class AdminPages implements AutoCloseable {

    private static final int DECISIONS_BY_DEFAULT = 100;

    /** Maximum number of decisions of one response. */
    private static final int MAX_DECISIONS = 1000;

    /** Pages that accept any parameter, because a load balancer may add one to circumvent caches. */
    private static final Set<String> HEALTH_CHECKS = Set.of("/healthz", "/readyz");

    private final BalancerControl control;
    private final Metrics metrics;
    private final RecentDecisions decisions;
    private final List<EventLoop> loops;
    private final ExecutorService pageExecutor =
            Executors.newSingleThreadExecutor(task -> daemonThread(task, "crowfly-admin"));
    private final ExecutorService reloadExecutor =
            Executors.newSingleThreadExecutor(task -> daemonThread(task, "crowfly-admin-reload"));
    private final Map<String, Page> pages = new LinkedHashMap<>();
    private volatile boolean keepsConnections = true;

    private interface Handler {
        CompletableFuture<AdminResponse> respond(AdminRequest request);
    }

    /**
     * One page.
     *
     * @param parameters names of the parameters that the query may have
     */
    private record Page(String method, String description, Set<String> parameters, Handler handler) {

        /** Returns what is wrong with the query of a request, if anything. */
        Optional<String> problem(Map<String, List<String>> query) {
            for (Map.Entry<String, List<String>> parameter : query.entrySet()) {
                if (!parameters.contains(parameter.getKey())) {
                    String known = parameters.isEmpty()
                            ? "this page has none"
                            : "known: " + parameters.stream().sorted().collect(Collectors.joining(", "));
                    return Optional.of("unknown parameter `" + parameter.getKey() + "`; " + known);
                } else if (parameter.getValue().size() > 1) {
                    return Optional.of("the parameter `" + parameter.getKey() + "` is given twice");
                }
            }
            return Optional.empty();
        }
    }

    /** @param loops the event loops for traffic, in the order of their numbers */
    public AdminPages(BalancerControl control, Metrics metrics, RecentDecisions decisions, List<EventLoop> loops) {
        this.control = control;
        this.metrics = metrics;
        this.decisions = decisions;
        this.loops = loops;
        addGet("/", "this list", request -> AdminResponse.plain(200, pathList()));
        addGet("/healthz", "200 while all event loops run, else 503", request -> healthz());
        addGet("/readyz", "200 if traffic may be sent here, else 503", request -> readyz());
        addGet("/metrics", "metrics in Prometheus text format", this::metrics);
        addGet("/backends", "the backends, best first", request -> backends());
        pages.put(
                "/decisions",
                new Page(
                        "GET",
                        "?last=N: the last decisions, newest first; ?id=ID: those of a request",
                        Set.of("last", "id"),
                        this::decisions));
        addGet("/conf", "the conf in force, and how the last reload went", request -> conf());
        pages.put("/reload", new Page("POST", "reloads the conf file", Set.of(), request -> reload()));
        pages.put(
                "/drain",
                new Page("POST", "completes the requests in progress, then exits", Set.of(), request -> drain()));
        addGet("/learned", "what a new process takes over from this one", request -> learned());
        pages.put(
                "/hand-over",
                new Page(
                        "POST",
                        "?instance=ID: releases the admin address to a new process, then drains",
                        Set.of("instance"),
                        this::handOver));
    }

    private interface BlockingHandler {
        AdminResponse respond(AdminRequest request);
    }

    private void addGet(String path, String description, BlockingHandler page) {
        pages.put(
                path,
                new Page(
                        "GET",
                        description,
                        Set.of(),
                        request -> CompletableFuture.supplyAsync(() -> page.respond(request), pageExecutor)));
    }

    /** Returns the response to a request. The future may complete on any thread, normally or with an exception. */
    CompletableFuture<AdminResponse> respond(AdminRequest request) {
        Optional<AdminResponse> refusal =
                AdminAccess.refusal(request, control.snapshot().conf().admin());
        if (refusal.isPresent()) {
            return CompletableFuture.completedFuture(refusal.get());
        }
        Page page = pages.get(request.path());
        if (page == null) {
            return CompletableFuture.completedFuture(AdminResponse.error(404, "unknown path; GET / lists all paths"));
        }
        if (!page.method().equals(request.method().equals("HEAD") ? "GET" : request.method())) {
            return CompletableFuture.completedFuture(
                    AdminResponse.wrongMethod(page.method().equals("GET") ? "GET, HEAD" : page.method()));
        }
        if (page.method().equals("POST") && request.crossOrigin()) {
            return CompletableFuture.completedFuture(
                    AdminResponse.error(403, "refused, because a page of another site sent this request"));
        }
        Optional<String> problem =
                HEALTH_CHECKS.contains(request.path()) ? Optional.empty() : page.problem(request.parameters());
        if (problem.isPresent()) {
            return CompletableFuture.completedFuture(AdminResponse.error(400, problem.get()));
        }
        return page.handler().respond(request);
    }

    private String pathList() {
        return pages.entrySet().stream()
                .map(entry -> String.format(
                        "%-4s %-11s %s%n",
                        entry.getValue().method(),
                        entry.getKey(),
                        entry.getValue().description()))
                .collect(Collectors.joining());
    }

    private AdminResponse healthz() {
        return control.failure()
                .map(reason -> AdminResponse.plain(503, reason + "\n"))
                .orElseGet(() -> AdminResponse.plain(200, "alive\n"));
    }

    private AdminResponse readyz() {
        return control.notReadyReason()
                .map(reason -> AdminResponse.plain(503, reason + "\n"))
                .orElseGet(() -> AdminResponse.plain(200, "ready\n"));
    }

    private AdminResponse metrics(AdminRequest request) {
        String contentType = Metrics.contentType(request.accept());
        return AdminResponse.text(200, contentType, metrics.text(contentType));
    }

    private AdminResponse backends() {
        return AdminResponse.json(200, new BackendsJson(control.snapshot(), control.ranking(), metrics));
    }

    private CompletableFuture<AdminResponse> decisions(AdminRequest request) {
        int last;
        try {
            last = Integer.parseInt(last(request.parameters()));
        } catch (NumberFormatException e) {
            last = -1;
        }
        if (last < 0) {
            return CompletableFuture.completedFuture(
                    AdminResponse.error(400, "last must be a whole number, 0 or more"));
        }
        Optional<String> id =
                Optional.ofNullable(request.parameters().get("id")).map(values -> values.get(0));
        if (id.isPresent() && id.get().isEmpty()) {
            return CompletableFuture.completedFuture(AdminResponse.error(400, "id must not be empty"));
        }
        return decisions
                .find(Math.min(last, MAX_DECISIONS), id, loops, pageExecutor)
                .thenApplyAsync(found -> AdminResponse.json(200, new DecisionsJson(found)), pageExecutor);
    }

    private static String last(Map<String, List<String>> parameters) {
        List<String> values = parameters.get("last");
        return values == null ? String.valueOf(DECISIONS_BY_DEFAULT) : values.get(0);
    }

    private AdminResponse conf() {
        Snapshot snapshot = control.snapshot();
        LastReload last = control.lastReload();
        return AdminResponse.json(200, json -> {
            json.writeStartObject();
            json.writeNumberField("generation", snapshot.generation());
            json.writeObjectFieldStart("lastReload");
            json.writeStringField("time", last.time().toString());
            json.writeBooleanField("successful", last.successful());
            json.writeFieldName("problems");
            new ProblemsJson(last.problems()).writeTo(json);
            json.writeFieldName("warnings");
            new ProblemsJson(last.warnings()).writeTo(json);
            json.writeEndObject();
            json.writeFieldName("conf");
            new ConfJson(snapshot.conf()).writeTo(json);
            json.writeEndObject();
        });
    }

    private CompletableFuture<AdminResponse> reload() {
        return CompletableFuture.supplyAsync(control::reload, reloadExecutor)
                .thenApply(problems -> AdminResponse.json(problems.isEmpty() ? 200 : 422, json -> {
                    json.writeStartObject();
                    if (problems.isEmpty()) {
                        json.writeNumberField("generation", control.snapshot().generation());
                        List<Problem> warnings = control.lastReload().warnings();
                        if (!warnings.isEmpty()) {
                            json.writeFieldName("warnings");
                            new ProblemsJson(warnings).writeTo(json);
                        }
                    } else {
                        json.writeFieldName("problems");
                        new ProblemsJson(problems).writeTo(json);
                    }
                    json.writeEndObject();
                }));
    }

    private CompletableFuture<AdminResponse> drain() {
        control.drain();
        return CompletableFuture.completedFuture(AdminResponse.json(202, json -> {
            json.writeStartObject();
            json.writeBooleanField("draining", true);
            json.writeEndObject();
        }));
    }

    private AdminResponse learned() {
        return AdminResponse.text(
                200, "application/json", Json.compactText(json -> JsonTree.write(json, control.learned())));
    }

    /** Runs on the thread of reloads, because no reload may bind the address that is released. */
    private CompletableFuture<AdminResponse> handOver(AdminRequest request) {
        List<String> instance = request.parameters().getOrDefault("instance", List.of(""));
        return CompletableFuture.supplyAsync(() -> control.handOver(instance.get(0)), reloadExecutor)
                .thenApply(accepting -> accepting
                        .map(AdminPages::handedOver)
                        .orElseGet(() -> AdminResponse.error(
                                409,
                                "this is another instance; GET /learned responds with the `instance` of this one")));
    }

    private static AdminResponse handedOver(Duration accepting) {
        return AdminResponse.json(202, json -> {
            json.writeStartObject();
            json.writeBooleanField("draining", true);
            json.writeNumberField("acceptsForMillis", accepting.toMillis());
            json.writeEndObject();
        });
    }

    /** Lets each connection be closed after its next response. */
    void closeConnectionsAfterResponse() {
        keepsConnections = false;
    }

    boolean keepsConnections() {
        return keepsConnections;
    }

    private static Thread daemonThread(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void close() {
        pageExecutor.shutdown();
        reloadExecutor.shutdown();
    }
}

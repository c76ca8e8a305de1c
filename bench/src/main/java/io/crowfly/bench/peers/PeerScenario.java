package io.crowfly.bench.peers;

import io.crowfly.bench.load.Wrk;
import java.util.Arrays;
import java.util.Optional;

/** Kinds of load in {@code bench peers}. */
public enum PeerScenario {
    SMALL("small", "GET, response of 214 B with its head", "request", "/small", 64),
    POST(
            "post",
            "POST of a 2 KiB chat completion, response of 214 B with its head",
            "request",
            "/v1/chat/completions",
            64,
            Wrk.modelFirst()),
    POST_MODEL_LAST(
            "post-model-last",
            "POST of a 2 KiB chat completion with its model after the messages, response of 214 B with its head",
            "request",
            "/v1/chat/completions",
            64,
            Wrk.modelLast()),
    BODY_64K("64k", "GET, response of 64 KiB", "request", "/64k", 32),
    BODY_10M("10m", "GET, response of 10 MiB", "request", "/10m", 8),
    SSE("sse", "token streams, 50 events/s each, one chunk per event", "event", "/sse", 300);

    private final String id;
    private final String summary;
    private final String unit;
    private final String path;
    private final int connections;
    private final String body;

    PeerScenario(String id, String summary, String unit, String path, int connections) {
        this(id, summary, unit, path, connections, "");
    }

    PeerScenario(String id, String summary, String unit, String path, int connections, String body) {
        this.id = id;
        this.summary = summary;
        this.unit = unit;
        this.path = path;
        this.connections = connections;
        this.body = body;
    }

    static Optional<PeerScenario> find(String id) {
        return Arrays.stream(values()).filter(each -> each.id.equals(id)).findFirst();
    }

    /** Returns the name on the command line and in the report. */
    public String id() {
        return id;
    }

    public String summary() {
        return summary;
    }

    /** Returns the unit of the cost: a request, or an event of a stream. */
    String unit() {
        return unit;
    }

    public String path() {
        return path;
    }

    /** Returns the number of persistent client connections. All of them are busy at the same time. */
    public int connections() {
        return connections;
    }

    /** Returns the JSON that is POSTed; absent for a GET. */
    public Optional<String> body() {
        return Optional.of(body).filter(text -> !text.isEmpty());
    }
}

package io.crowfly.bench.peers;

import io.crowfly.bench.load.Wrk;
import java.util.Arrays;
import java.util.Optional;

/** Kinds of load in {@code bench peers}. */
public enum PeerScenario {
    SMALL("small", "GET, response of 214 B with its head", 64, 1.00, Work.get("/small")),
    POST(
            "post",
            "POST of a 2 KiB chat completion, response of 214 B with its head",
            64,
            1.05,
            Work.post("/v1/chat/completions", Wrk.modelFirst())),
    POST_MODEL_LAST(
            "post-model-last",
            "POST of a 2 KiB chat completion with its model after the messages, response of 214 B with its head",
            64,
            1.05,
            Work.post("/v1/chat/completions", Wrk.modelLast())),
    BODY_64K("64k", "GET, response of 64 KiB", 32, 0.85, Work.get("/64k")),
    BODY_10M("10m", "GET, response of 10 MiB", 8, 1.00, Work.get("/10m")),
    UPLOAD_10M("upload", "POST of 10 MiB, small response", 8, 0.90, Work.upload("/v1/sink", 10)),
    SSE("sse", "token streams, 50 events/s each, one chunk per event", 300, 1.00, Work.streams("/sse")),
    TLS(
            "tls",
            "GET, response of 214 B with its head, TLS with P-256 to the clients and to the backends",
            64,
            0.90,
            Work.get("/small").with(Security.BOTH_SIDES)),
    HANDSHAKE_RSA(
            "handshake-rsa",
            "full TLS 1.3 handshake with an RSA key of 2048 bits, and one GET",
            1,
            1.00,
            Work.handshakes("/small", Security.CLIENTS_RSA)),
    HANDSHAKE_P256(
            "handshake-p256",
            "full TLS 1.3 handshake with a P-256 key, and one GET",
            1,
            1.00,
            Work.handshakes("/small", Security.CLIENTS_P256)),
    SMALL_1000("small-1000", "GET, response of 214 B with its head", 1000, 1.00, Work.get("/small")),
    SMALL_4000("small-4000", "GET, response of 214 B with its head", 4000, 0.50, Work.get("/small")),
    /** The rate is about half of what HAProxy can forward on one core. */
    RATE("rate", "GET, response of 214 B with its head, 30,000 per second", 64, 1.50, Work.openLoop("/small", 30_000));

    /** Load generator of a scenario. */
    enum Generator {
        /** The next request on each connection after the response. */
        CLOSED_LOOP,
        STREAMS,
        /** A new connection for each request. */
        HANDSHAKES,
        /** Requests at a constant rate. The latencies are compared, not the CPU time. */
        OPEN_LOOP
    }

    /** Connections with TLS, and the kind of key of the proxy's certificate. */
    enum Security {
        PLAIN(false, false, false),
        BOTH_SIDES(true, true, false),
        CLIENTS_RSA(true, false, true),
        CLIENTS_P256(true, false, false);

        private final boolean clients;
        private final boolean backends;
        private final boolean rsa;

        Security(boolean clients, boolean backends, boolean rsa) {
            this.clients = clients;
            this.backends = backends;
            this.rsa = rsa;
        }
    }

    /** What clients send, and how. */
    private record Work(
            Generator generator,
            String unit,
            String path,
            String body,
            int uploadMebibytes,
            int perSecond,
            Security security) {

        static Work get(String path) {
            return new Work(Generator.CLOSED_LOOP, "request", path, "", 0, 0, Security.PLAIN);
        }

        static Work post(String path, String body) {
            return new Work(Generator.CLOSED_LOOP, "request", path, body, 0, 0, Security.PLAIN);
        }

        static Work upload(String path, int mebibytes) {
            return new Work(Generator.CLOSED_LOOP, "request", path, "", mebibytes, 0, Security.PLAIN);
        }

        static Work streams(String path) {
            return new Work(Generator.STREAMS, "event", path, "", 0, 0, Security.PLAIN);
        }

        static Work handshakes(String path, Security security) {
            return new Work(Generator.HANDSHAKES, "handshake", path, "", 0, 0, security);
        }

        static Work openLoop(String path, int perSecond) {
            return new Work(Generator.OPEN_LOOP, "request", path, "", 0, perSecond, Security.PLAIN);
        }

        Work with(Security other) {
            return new Work(generator, unit, path, body, uploadMebibytes, perSecond, other);
        }
    }

    private final String id;
    private final String summary;
    private final int connections;
    private final double target;
    private final Work work;

    /**
     * @param target the largest ratio of Crowfly's figure to HAProxy's that holds the target
     */
    PeerScenario(String id, String summary, int connections, double target, Work work) {
        this.id = id;
        this.summary = summary;
        this.connections = connections;
        this.target = target;
        this.work = work;
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

    /** Returns the largest ratio of Crowfly's figure to HAProxy's that holds the target. */
    double target() {
        return target;
    }

    Generator generator() {
        return work.generator;
    }

    /** Returns the unit of the cost: a request, a handshake, or an event of a stream. */
    String unit() {
        return work.unit;
    }

    public String path() {
        return work.path;
    }

    /** Returns the number of client connections. All of them are busy at the same time. */
    public int connections() {
        return connections;
    }

    /** Returns the JSON that is POSTed; absent for other requests. */
    public Optional<String> body() {
        return Optional.of(work.body).filter(text -> !text.isEmpty());
    }

    /** Returns the size of the uploaded body in MiB; 0 for other requests. */
    int uploadMebibytes() {
        return work.uploadMebibytes;
    }

    /** Returns the constant rate of an open loop, in requests per second; 0 for other loads. */
    int perSecond() {
        return work.perSecond;
    }

    /** Returns whether clients use TLS. */
    boolean secureClients() {
        return work.security.clients;
    }

    /** Returns whether the connections to the backends use TLS. */
    boolean secureBackends() {
        return work.security.backends;
    }

    /** Returns whether the proxy's certificate has an RSA key instead of a P-256 one. */
    boolean rsa() {
        return work.security.rsa;
    }

    /** Returns whether responses are so large that settings for large responses apply. */
    boolean hasLargeResponse() {
        return this == BODY_64K || this == BODY_10M;
    }
}

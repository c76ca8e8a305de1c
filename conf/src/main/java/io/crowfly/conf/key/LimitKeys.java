package io.crowfly.conf.key;

import java.util.List;

/** Keys of {@code timeouts} and {@code limits}. */
public final class LimitKeys {

    private static final long KIB = 1 << 10;

    private static final long MIB = 1 << 20;

    private static final long GIB = 1 << 30;

    public static final ValueType.Whole CONNECTIONS = new ValueType.Whole(1, 1_000_000);

    public static final ValueType.Size HEAD_SIZE = new ValueType.Size(KIB, MIB);

    public static final ValueType.Size BODY_SIZE = new ValueType.Size(KIB, 1024 * GIB);

    public static final ValueType.Size BODY_RATE = new ValueType.Size(0, GIB);

    public static final ValueType.Size HELD_SIZE = new ValueType.Size(KIB, GIB);

    public static final ValueType.Size HELD_TOTAL = new ValueType.Size(KIB, 1024 * GIB);

    public static final List<Key> TIMEOUTS = List.of(
            new Key(
                    "head",
                    Types.DURATION,
                    "`10s`",
                    "head: 5s",
                    "from the opening of a connection, or from the first byte of the next request, until the "
                            + "head of the request is complete. Includes the TLS handshake. After that the response is "
                            + "408; without any byte of a request the connection is closed without a response"),
            new Key(
                    "connect",
                    Types.DURATION,
                    "`2s`",
                    "connect: 1s",
                    "to connect to a backend, including the TLS handshake"),
            new Key(
                    "first-byte",
                    Types.DURATION,
                    "`60s`",
                    "first-byte: 120s",
                    "from the end of the request to the head of the response; for a token stream, to its first "
                            + "token; for an error that Crowfly reads before it decides, to its end. All attempts of a "
                            + "request together have this time. Allow for responses that are not streamed: they begin only "
                            + "when the model has finished"),
            new Key(
                    "commit",
                    Types.DURATION_OR_NEVER,
                    "`15s`",
                    "commit: 10s",
                    "from the end of a request for a token stream, without a token, until Crowfly sends the "
                            + "client a head (200, `text/event-stream`, `x-request-id`) and comments. Clients and proxies "
                            + "that time out without a head stay connected, and further attempts remain possible. See "
                            + "[Token streams](operations.md#token-streams). `0s`: never"),
            new Key(
                    "idle",
                    Types.DURATION,
                    "`300s`",
                    "idle: 120s",
                    "without a byte in either direction, inside a body or between two requests of a client"),
            new Key(
                    "body",
                    Types.DURATION,
                    "`60s`",
                    "body: 30s",
                    "from the head of a request until Crowfly has read the model, or any other field that "
                            + "decides the backend. After this time the response is 408"),
            new Key(
                    "body-window",
                    Types.DURATION,
                    "`30s`",
                    "body-window: 60s",
                    "the time of reading a body over which its rate is compared with `limits.body-rate`. A "
                            + "client may pause within a window"),
            new Key(
                    "keepalive",
                    Types.DURATION_OR_NEVER,
                    "`15s`",
                    "keepalive: 10s",
                    "without a byte of a token stream, until Crowfly sends the client a comment, which clients "
                            + "ignore. Also the time between the comments after `commit`. This keeps proxies on the way "
                            + "from closing a silent connection. `0s`: never"),
            new Key(
                    "drain",
                    Types.DURATION,
                    "`30s`",
                    "drain: 60s",
                    "from SIGTERM or `POST /drain` until the process has ended. Requests in progress have all of "
                            + "it to finish except the last 2 s, or a quarter of it if that is less"));

    public static final List<Key> LIMITS = List.of(
            new Key(
                    "connections",
                    CONNECTIONS,
                    "`20000`, or fewer with a small heap",
                    "connections: 5000",
                    "client connections, over all listeners. At 16 KiB each they must fit into half of the heap "
                            + "of the JVM. The default is the largest such number, at most 20000 (8192 with `-Xmx256m`)"),
            new Key(
                    "head-size",
                    HEAD_SIZE,
                    "`32KiB`",
                    "head-size: 64KiB",
                    "size of a request's request line, and of its headers. A request may have at most 200 "
                            + "headers"),
            new Key("body-size", BODY_SIZE, "`64MiB`", "body-size: 128MiB", "size of a request's body"),
            new Key(
                    "upload-size",
                    BODY_SIZE,
                    "`513MiB`; `body-size` if that is less than 64MiB, or more than 513MiB",
                    "upload-size: 1GiB",
                    "size of a form with a file, which passes to the backend while it arrives: `/v1/files`, "
                            + "`/v1/uploads/…`, `/v1/audio/…`, `/v1/containers/…`, `/v1/skills`. OpenAI's limit for a file "
                            + "is 512 MB. Of a form with a `model` after the file, `held-size` is the limit, if models "
                            + "select the backend"),
            new Key(
                    "body-rate",
                    BODY_RATE,
                    "`256B`",
                    "body-rate: 1KiB",
                    "the smallest average rate of a request's body, per second, over each "
                            + "`timeouts.body-window`. A slower body gets a 408. Time in which Crowfly pauses reading, "
                            + "because a backend is slow or memory is full, does not count. WebSockets have no such limit. "
                            + "`0B`: none"),
            new Key(
                    "held-size",
                    HELD_SIZE,
                    "`64MiB`, or half of the default of `held-total` if that is less",
                    "held-size: 16MiB",
                    "how much of one body Crowfly holds: until the model is known, and for another attempt if a "
                            + "backend fails. If `model` begins more than one read (64 KiB) after this limit, the response "
                            + "is 413"),
            new Key(
                    "held-total",
                    HELD_TOTAL,
                    "`256MiB`, or half of the direct memory of the JVM if that is less",
                    "held-total: 512MiB",
                    "memory for all bodies that are held at the same time, at least twice `held-size`. Crowfly "
                            + "stops reading from a client whose body does not fit until memory is free. It must fit into "
                            + "the direct memory of the JVM, of which 64 MiB, or a quarter if that is less, are for "
                            + "everything else"));

    private LimitKeys() {}
}

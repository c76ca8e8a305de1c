package io.crowfly.bench.endpoint.behaviour;

/** The kinds of outage of an endpoint. */
public enum Outage {
    NONE,
    /** As if the process had ended: the port is closed, and so are the open connections. */
    REFUSE,
    /** Connections are accepted and requests are read, but no response is sent. */
    HANG
}

package io.crowfly.bench.endpoint.behaviour;

/** Kinds of outage of a simulated endpoint. */
public enum Outage {
    NONE,
    /** The port and all open connections are closed, as if the process had ended. */
    REFUSE,
    /** Connections are accepted and requests are read, but no response is sent. */
    HANG
}

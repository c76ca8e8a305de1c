package io.crowfly.bench.endpoint.behaviour;

/** Whether anybody is there at all. */
public enum Outage {
    NONE,
    /** As if the process had died: nothing listens, and the open connections are closed. */
    REFUSE,
    /** Connections are accepted, requests are read, and no answer ever comes. */
    HANG
}

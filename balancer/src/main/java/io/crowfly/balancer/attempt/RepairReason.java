package io.crowfly.balancer.attempt;

import java.util.Locale;

/** Why an attempt has failed whose request another attempt has served. A label of metrics. */
public enum RepairReason {
    /** No credential, or the backend has refused it. */
    CREDENTIAL,
    /** No connection, or one that was closed before the request was written. */
    CONNECTION,
    /** The connection was closed before a response. */
    CLOSED,
    /** No response, or no first token, in time. */
    SILENCE,
    /** The response was interrupted before its commit. */
    BROKEN,
    /** A token stream has ended before its first token. */
    EMPTY_STREAM,
    /** An error status that another backend may not return. */
    ERROR_STATUS,
    /** An error event before the first token. */
    ERROR_EVENT,
    /** A rate limit, as a status or as an error event. */
    RATE_LIMIT,
    /** The backend does not have the model. */
    NO_MODEL;

    /** Returns the value of the label. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}

package io.crowfly.conf;

import java.util.Map;

/**
 * Limits of connections and sizes for one Crowfly process, {@code limits}.
 *
 * @param connections client connections, over all listeners
 * @param headSize bytes of a request's head (request line and headers)
 * @param bodySize bytes of a request's body
 * @param uploadSize bytes of a body that is the form of an uploaded file
 * @param bodyRate the smallest average rate of a request's body, in bytes per second; 0 for none
 * @param heldSize bytes of one body that Crowfly may hold: until the request's model is known, and for another attempt
 *     if a backend fails
 * @param heldTotal bytes of memory for all bodies that are held until their model is known. If a client's body does not
 *     fit, Crowfly stops reading from that client
 * @param maxInFlight limits of requests in flight by the name of the backend; absent: no limit. They are not part of
 *     {@link Backend}, so that a backend whose limit changes keeps its connections and its learned state
 */
public record Limits(
        int connections,
        int headSize,
        long bodySize,
        long uploadSize,
        int bodyRate,
        int heldSize,
        long heldTotal,
        Map<String, Integer> maxInFlight) {

    public static final int NO_LIMIT = Integer.MAX_VALUE;

    public Limits {
        maxInFlight = Map.copyOf(maxInFlight);
    }

    /** Returns the most requests in flight at a backend, or {@link #NO_LIMIT}. */
    public int maxInFlight(Backend backend) {
        return maxInFlight.isEmpty() ? NO_LIMIT : maxInFlight.getOrDefault(backend.name(), NO_LIMIT);
    }
}

package io.crowfly.conf;

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
 */
public record Limits(
        int connections, int headSize, long bodySize, long uploadSize, int bodyRate, int heldSize, long heldTotal) {}

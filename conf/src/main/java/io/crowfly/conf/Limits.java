package io.crowfly.conf;

/**
 * What clients may ask of one instance.
 *
 * @param connections of clients, over all listeners
 * @param headSize bytes of a request's head
 * @param bodySize bytes of a request's body
 * @param heldSize bytes of a body that may be held back: until its model is known, and to be sent again if a backend fails
 * @param heldTotal bytes of memory for all bodies that are held back at once until their model is known; a client whose body
 *     does not fit waits
 */
public record Limits(int connections, int headSize, long bodySize, int heldSize, long heldTotal) {}

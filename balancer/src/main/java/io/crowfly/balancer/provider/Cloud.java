package io.crowfly.balancer.provider;

/**
 * Cloud that hosts a backend, or {@link #NONE}. Decides which client headers reach the backend, and in which header a
 * client's own credential is sent.
 */
enum Cloud {
    /** No known cloud: all headers pass except those that may carry a credential. */
    NONE,
    AZURE,
    GOOGLE
}

package io.crowfly.balancer.provider;

/** Cloud whose front ends a request passes. */
enum Cloud {
    /** No known cloud: all headers pass except the client's credential. */
    NONE,
    AZURE,
    GOOGLE
}

package io.crowfly.conf;

/**
 * Settings of the admin interface ({@code admin}), which serves metrics and state to operators.
 *
 * @param bind address on which the admin interface listens
 */
public record Admin(BindAddress bind) {}

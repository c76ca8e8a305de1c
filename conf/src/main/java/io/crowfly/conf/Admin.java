package io.crowfly.conf;

/** Settings of the admin interface for operators. */
public record Admin(BindAddress bind) {}

package io.crowfly.conf;

/** Where operators look. */
public record Admin(BindAddress bind) {}

/**
 * Reads {@code backends} and {@code probes}: providers, URLs, credentials, models, headers and probes. In come
 * {@link io.crowfly.conf.read.field.Field}s; out come {@link io.crowfly.conf.Backend}s.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.conf.read.backend;

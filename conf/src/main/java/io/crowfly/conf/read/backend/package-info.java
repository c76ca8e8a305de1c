/**
 * Reads {@code backends} and {@code probes}: providers, URLs, credentials, models, headers and probes. The input is a
 * {@link io.crowfly.conf.read.field.Field} of the conf file, the output a {@link io.crowfly.conf.Backend}.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.conf.read.backend;

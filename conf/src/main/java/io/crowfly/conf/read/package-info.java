/**
 * Reads and checks a conf file. {@link io.crowfly.conf.read.ConfReader} takes a path and returns a {@link
 * io.crowfly.conf.read.ConfResult}: a valid {@link io.crowfly.conf.Conf}, or every {@link io.crowfly.conf.Problem} of
 * the file.
 *
 * <p>This package parses the YAML and reads every section except {@code backends} and {@code probes}, which {@code
 * read.backend} reads.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.conf.read;

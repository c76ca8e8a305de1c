package io.crowfly.conf;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Setting {@code access-log}: where the access log is written.
 *
 * @param file absent: the access log goes to standard output
 */
public record AccessLog(Optional<Path> file) {}

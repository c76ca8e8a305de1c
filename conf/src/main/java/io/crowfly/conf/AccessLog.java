package io.crowfly.conf;

import java.nio.file.Path;
import java.util.Optional;

/** Destination of the access log. @param file absent: standard output */
public record AccessLog(Optional<Path> file) {}

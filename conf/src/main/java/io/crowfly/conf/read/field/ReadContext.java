package io.crowfly.conf.read.field;

import io.crowfly.conf.file.ConfFiles;
import java.time.Clock;

/**
 * Tools that all readers share while one conf file is read: the collector of problems, access to other files,
 * substitution of {@code ${…}}, and the clock that decides which certificates are valid.
 */
public record ReadContext(ProblemCollector problems, ConfFiles files, Substitution substitution, Clock clock) {}

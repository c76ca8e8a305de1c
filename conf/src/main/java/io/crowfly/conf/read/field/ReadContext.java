package io.crowfly.conf.read.field;

import io.crowfly.conf.file.ConfFiles;

/**
 * Tools that all readers share while one conf file is read: the collector of problems, access to other files, and
 * substitution of {@code ${…}}.
 */
public record ReadContext(ProblemCollector problems, ConfFiles files, Substitution substitution) {}

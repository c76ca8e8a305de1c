package io.crowfly.conf.read.field;

import io.crowfly.conf.file.ConfFiles;

/** One reading of one conf file: where problems gather, and how the world outside the file is reached. */
public record ReadContext(ProblemCollector problems, ConfFiles files, Substitution substitution) {}

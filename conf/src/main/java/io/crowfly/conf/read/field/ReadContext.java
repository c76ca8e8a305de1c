package io.crowfly.conf.read.field;

import io.crowfly.conf.file.ConfFiles;

/** Tools for reading one conf file: the collector of problems, access to other files, and substitution. */
public record ReadContext(ProblemCollector problems, ConfFiles files, Substitution substitution) {}

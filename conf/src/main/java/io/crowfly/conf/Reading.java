package io.crowfly.conf;

/** One reading of one conf file: where problems gather, and how the world outside the file is reached. */
record Reading(Problems problems, ConfFiles files, Substitution substitution) {}

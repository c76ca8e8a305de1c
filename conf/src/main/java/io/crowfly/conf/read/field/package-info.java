/**
 * Reads single values of the conf file. Each reader takes a node of the YAML tree and returns a typed value, or reports
 * a problem at the place of the value. Also here: the keys of each section, substitution of {@code ${…}}, and spelling
 * suggestions.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.conf.read.field;

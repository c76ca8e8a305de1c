/**
 * Reads single values of the conf file. In come nodes of the YAML tree; out come typed values, or problems at the place
 * of the value. Also here: the keys of each section, substitution of {@code ${…}}, and spelling suggestions.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.conf.read.field;

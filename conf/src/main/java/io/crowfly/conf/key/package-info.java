/**
 * Descriptions of the keys of the conf file: type, limits, default, an example and the meaning of each. The readers
 * take the limits from here. {@code crowfly explain}, the tables of {@code docs/conf.md} and the JSON Schema are made
 * from here.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.conf.key;

/**
 * Output for operators about the keys of the conf file: text for one key, and the JSON Schema of the file. Both are
 * made from the descriptions in {@code key}.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.conf.explain;

/**
 * {@code crowfly bench rewriting}: the cost of replacing the model's name by the backend's name, compared with a
 * request whose body is unchanged. Both run through Crowfly, in one run; the conf differs in one line.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.rewriting;

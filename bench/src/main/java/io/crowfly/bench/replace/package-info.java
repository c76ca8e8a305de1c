/**
 * {@code crowfly bench replace}: processes that are replaced, reloads and new certificates under load. None of them may
 * cost a request, and a new process must be as fast as the old one at once.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.replace;

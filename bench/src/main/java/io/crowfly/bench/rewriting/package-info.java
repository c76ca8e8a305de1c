/**
 * {@code crowfly bench rewriting}: what it costs a request that its model gets the backend's own name, beside the same
 * request that passes as it came. Both are Crowfly, in one run: the difference is one line of the conf.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.rewriting;

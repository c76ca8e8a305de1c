/**
 * The policy simulator: the same weather and the same luck for every way to choose a backend, and a page that tells them
 * apart. {@code policy} holds the contestants, {@code scenario} what they are put through, {@code simulation} the
 * world, {@code report} what is made of a run.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.policies;

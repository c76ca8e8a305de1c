/**
 * {@code crowfly bench reload}: what an operator does to a balancer, and what a machine does to a backend, while clients
 * are at it. Reloads must not cost a single request; the death of a backend at most those that it had answered in part.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.reload;

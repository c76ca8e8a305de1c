/**
 * {@code crowfly bench memory}: large bodies, slow readers and clients that leave, through a balancer that has hardly any
 * memory. Bodies must come through whole, memory must stay flat, and nothing may leak.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.memory;

/**
 * {@code crowfly bench memory}: large bodies, slow readers and clients that disconnect, through a balancer with very
 * little memory. Bodies must arrive complete, memory must stay flat, and nothing may leak.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.memory;

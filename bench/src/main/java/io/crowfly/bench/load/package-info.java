/** Load and clients that more than one benchmark puts on a balancer. */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.load;

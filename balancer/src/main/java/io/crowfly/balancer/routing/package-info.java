/**
 * Routing: which backends may serve a request, and which one gets it. The input is the facts of a request and the
 * published ranking of the backends. The output is the list of candidates, best first, and a choice among them.
 *
 * <p>Plain Java without Netty, and without allocation on the hot path. The simulator runs the same code.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.routing;

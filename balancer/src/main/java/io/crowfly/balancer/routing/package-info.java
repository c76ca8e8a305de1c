/**
 * From a request's facts and the published knowledge of the backends to the backends that it may go to, best first.
 *
 * <p>Plain Java without Netty, and free of allocation on the hot path: the simulator runs the very same code.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.routing;

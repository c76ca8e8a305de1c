/**
 * The data plane as a whole: {@link io.crowfly.balancer.Balancer} follows one conf file and runs the packages below.
 *
 * <pre>
 *   bytes in ─► listener ─► exchange ─► attempt ─► upstream ─► bytes out
 *                              ▲     routing, provider             │
 *                              └───── body by reference, both ways ┘
 * </pre>
 *
 * <p>The command line ({@link io.crowfly.balancer.Main}) starts here as well.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer;

/**
 * What moves bytes, put together: {@link io.crowfly.balancer.Balancer} follows one conf file and runs the rooms below it.
 *
 * <pre>
 *   bytes in ─► listener ─► exchange ─► routing ─► provider ─► upstream ─► bytes out
 *                              ▲                                  │
 *                              └───── body by reference, both ways ┘
 * </pre>
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer;

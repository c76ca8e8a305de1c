/**
 * What operators write. In comes a YAML file; out comes one immutable {@link io.crowfly.conf.Conf} in which everything
 * is resolved and checked, or the list of every {@link io.crowfly.conf.Problem} with its line and column.
 *
 * <p>Plain Java without Netty: the floors above import this one, and it imports none of them.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.conf;

/**
 * Store of recent routing decisions, for the page {@code /decisions} and the command {@code crowfly why}. In: the
 * outcome of each exchange, on its event loop. Out: decisions as JSON, on the admin's thread. Decisions are kept as
 * bytes, because as objects they would need five times the memory, and the garbage collector would copy them.
 */
@NullMarked
package io.crowfly.balancer.admin.decision;

import org.jspecify.annotations.NullMarked;

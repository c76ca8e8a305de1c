/**
 * What tells the truth about the balancer: simulated endpoints to put behind it, traffic to put before it, and the demo
 * that shows both. The command line of this module is {@link io.crowfly.bench.Main}.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench;

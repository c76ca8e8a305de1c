/**
 * What Prometheus reads. In come the outcomes of exchanges and probes; out goes text in Prometheus' format. What happens per
 * request is counted as it happens, in children that were looked up before; what merely is (health, requests under way) is
 * read when it is asked for.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.metrics;

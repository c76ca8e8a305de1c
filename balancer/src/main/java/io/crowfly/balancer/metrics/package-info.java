/**
 * The metrics for Prometheus. Input: the outcomes of exchanges and probes. Output: text in Prometheus' format. Events
 * of a request are counted when they happen, in series that were resolved before. States (health, requests in flight)
 * are read when Prometheus reads the metrics.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.metrics;

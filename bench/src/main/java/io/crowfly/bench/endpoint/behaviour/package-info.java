/**
 * Behaviour of a simulated endpoint: delays, faults and outages, and their runtime state. Imports no other package of
 * {@code endpoint}.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.endpoint.behaviour;

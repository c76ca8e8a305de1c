/**
 * How a simulated endpoint behaves: delays, faults and outages, and the runtime state of the behaviour in force. Imports
 * nothing else of {@code endpoint}.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.endpoint.behaviour;

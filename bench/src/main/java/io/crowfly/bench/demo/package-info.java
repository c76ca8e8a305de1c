/**
 * {@code crowfly demo}: simulated endpoints, a balancer in front of them, and traffic. In the middle one backend is
 * slowed, and the traffic moves. The input is a conf file whose backends are on this machine. The output is a
 * description and, at the end, a table and whether the traffic moved.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.demo;

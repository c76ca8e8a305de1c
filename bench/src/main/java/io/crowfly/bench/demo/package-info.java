/**
 * {@code crowfly demo}: simulated endpoints, a balancer before them, traffic before that, and a change in the middle that
 * the traffic is seen to follow. In comes a conf file whose backends are on this machine; out comes what to look at, and in
 * the end a table and whether the traffic moved.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.demo;

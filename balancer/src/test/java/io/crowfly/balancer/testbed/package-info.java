/**
 * Both ends of a balancer under test: backends and clients that say exactly what a test tells them to, byte for byte, over
 * real sockets. Nothing here is built on Netty, so that a misreading of the balancer's is not shared by its tests.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.testbed;

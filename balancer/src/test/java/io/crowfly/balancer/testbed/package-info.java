/**
 * Both ends of a balancer under test: backends and clients that send exactly the bytes a test defines, over real
 * sockets. The connections do not use Netty, so that an error in how the balancer uses Netty is not repeated in its
 * tests.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.testbed;

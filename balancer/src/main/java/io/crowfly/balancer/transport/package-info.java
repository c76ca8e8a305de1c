/**
 * The kernel's interface to sockets: io_uring, epoll or NIO, chosen once when the process starts. Everything that needs a
 * channel class or an event loop gets it from here.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.transport;

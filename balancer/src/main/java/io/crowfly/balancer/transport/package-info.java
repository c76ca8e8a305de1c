/**
 * The interface to the sockets of the kernel: io_uring, epoll or NIO, chosen once at the start of the process. All
 * other packages get their channel classes and event loops from this package.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.transport;

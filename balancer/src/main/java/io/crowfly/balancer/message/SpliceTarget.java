package io.crowfly.balancer.message;

import io.netty.channel.Channel;
import java.util.function.IntConsumer;

/**
 * Connection of a client to which the kernel may transfer the rest of a response's body directly from the backend's
 * socket.
 *
 * @param channel nothing is written to it until the body is complete or the exchange has ended
 * @param onPassed to be called with the number of bytes that the client's socket has accepted
 */
public record SpliceTarget(Channel channel, IntConsumer onPassed) {}

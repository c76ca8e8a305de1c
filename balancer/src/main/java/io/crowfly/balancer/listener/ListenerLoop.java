package io.crowfly.balancer.listener;

import io.crowfly.balancer.exchange.Exchanges;
import io.netty.channel.EventLoop;

/** One event loop that serves client connections, with the objects that its connections share. */
public record ListenerLoop(EventLoop loop, Exchanges exchanges, TimeoutSweep timeoutSweep) {}

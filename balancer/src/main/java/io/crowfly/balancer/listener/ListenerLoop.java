package io.crowfly.balancer.listener;

import io.crowfly.balancer.exchange.Exchanges;
import io.netty.channel.EventLoop;

/** One event loop with the objects that its client connections share. */
public record ListenerLoop(EventLoop loop, Exchanges exchanges, TimeoutSweep timeoutSweep) {}

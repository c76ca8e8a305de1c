package io.crowfly.balancer.listener;

import io.crowfly.balancer.exchange.Exchanges;
import io.netty.channel.EventLoop;

/** One event loop with what its client connections need. */
public record ListenerLoop(EventLoop loop, Exchanges exchanges, TimeoutSweep timeoutSweep) {}

package io.crowfly.balancer.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.attempt.RetryBudget;
import io.crowfly.balancer.exchange.Exchanges;
import io.crowfly.balancer.message.CorsPolicy;
import io.crowfly.balancer.message.HeldMemory;
import io.crowfly.balancer.transport.DirectMemory;
import io.crowfly.balancer.transport.ReadBuffers;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The periodic check of connections, with a simulated clock. */
class TimeoutSweepTest {

    private final TimeoutSweep timeoutSweep = new TimeoutSweep();
    private final EmbeddedChannel clock = new EmbeddedChannel();

    /** Returns a connection whose check always throws an exception. */
    private EmbeddedChannel faulty() {
        Exchanges exchanges = new Exchanges(
                0,
                () -> {
                    throw new IllegalStateException("a fault");
                },
                outcome -> {},
                observation -> {},
                new SplittableRandom(1),
                new RetryBudget(1),
                new HeldMemory(DirectMemory.ofJvm()),
                Runnable::run);
        EmbeddedChannel channel = new EmbeddedChannel();
        ResponseWriter writer = new ResponseWriter(channel, new ResponseEncoder(), () -> CorsPolicy.NONE);
        channel.pipeline()
                .addLast(new ClientConnection(
                        channel,
                        new ReadBuffers(channel, DirectMemory.ofJvm()),
                        "http",
                        exchanges,
                        timeoutSweep,
                        new RequestDecoder(1024, HeadMemory.ofJvm()),
                        writer,
                        () -> {}));
        return channel;
    }

    /** Advances in steps, because a periodic task runs only once per step. */
    private void passSeconds(int seconds) {
        for (int i = 0; i < 10 * seconds; i++) {
            clock.advanceTimeBy(100, TimeUnit.MILLISECONDS);
            clock.runScheduledPendingTasks();
        }
    }

    @Test
    void aFaultClosesItsOwnConnectionAndTheOthersAreStillChecked() {
        timeoutSweep.start(clock.eventLoop());
        EmbeddedChannel first = faulty();
        EmbeddedChannel second = faulty();
        passSeconds(1);
        assertThat(first.isOpen()).isFalse();
        assertThat(second.isOpen()).isFalse();
        assertThat(timeoutSweep.connections()).isEmpty();

        EmbeddedChannel third = faulty();
        passSeconds(1);
        assertThat(third.isOpen()).isFalse();
    }

    @Test
    void aTickChecksAFifthOfTheConnectionsThatWaitForAHead() {
        timeoutSweep.start(clock.eventLoop());
        for (int i = 0; i < 10; i++) {
            faulty();
        }
        clock.advanceTimeBy(20, TimeUnit.MILLISECONDS);
        clock.runScheduledPendingTasks();
        assertThat(timeoutSweep.connections()).hasSize(8);
        passSeconds(3);
        assertThat(timeoutSweep.connections()).isEmpty();
    }

    @Test
    void aLoopWithoutConnectionsHasNoTicks() {
        timeoutSweep.start(clock.eventLoop());
        assertThat(clock.runScheduledPendingTasks()).isNegative();

        faulty();
        assertThat(clock.runScheduledPendingTasks()).isPositive();
        passSeconds(1);
        assertThat(clock.runScheduledPendingTasks()).isNegative();
    }
}

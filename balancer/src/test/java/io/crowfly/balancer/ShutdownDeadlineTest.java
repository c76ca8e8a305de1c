package io.crowfly.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.TestTimeout;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ShutdownDeadlineTest {

    private final CountDownLatch exited = new CountDownLatch(1);

    private ShutdownDeadline deadline(Duration total) {
        return new ShutdownDeadline(total, exited::countDown);
    }

    @Test
    void endsTheProcessIfTheShutdownHangs() throws InterruptedException {
        deadline(Duration.ofMillis(20)).start();
        assertThat(exited.await(TestTimeout.SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void doesNothingAfterACompleteShutdown() throws InterruptedException {
        ShutdownDeadline completed = deadline(Duration.ofMillis(1));
        completed.complete();
        completed.start();
        deadline(Duration.ofHours(1)).start();
        assertThat(exited.await(50, TimeUnit.MILLISECONDS)).isFalse();
    }

    @Test
    void leavesRequestsAllButTheTimeForClosing() {
        assertThat(deadline(Duration.ofSeconds(30)).forRequests()).isEqualTo(Duration.ofSeconds(28));
        assertThat(deadline(Duration.ofSeconds(8)).forRequests()).isEqualTo(Duration.ofSeconds(6));
        assertThat(deadline(Duration.ofSeconds(1)).forRequests()).isEqualTo(Duration.ofMillis(750));
        assertThat(deadline(Duration.ofMillis(1)).forRequests()).isPositive();
    }
}

package io.crowfly.balancer.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.Testbed;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The limit of tiny reads. */
class ReadPaceTest extends Testbed {

    private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final ReadPace pace = new ReadPace();

    private int readsUntilPause() {
        int reads = 0;
        while (!pace.isPaused()) {
            pace.onTinyRead();
            reads++;
        }
        return reads;
    }

    @Test
    void aPauseFollowsTheBurst() {
        assertThat(readsUntilPause()).isEqualTo(ReadPace.BURST);
    }

    @Test
    void eachIntervalAllowsAFewMoreReads() {
        readsUntilPause();
        pace.onTick(INTERVAL_NANOS);
        assertThat(readsUntilPause()).isEqualTo(ReadPace.PER_INTERVAL);
        pace.onTick(INTERVAL_NANOS + 1);
        assertThat(pace.isPaused()).isTrue();
        pace.onTick(2 * INTERVAL_NANOS);
        assertThat(readsUntilPause()).isEqualTo(ReadPace.PER_INTERVAL);
    }

    @Test
    void aConnectionThatPausesRegainsTheBurst() {
        readsUntilPause();
        for (int i = 1; i <= 2 * ReadPace.BURST; i++) {
            pace.onTick(i * INTERVAL_NANOS);
        }
        assertThat(readsUntilPause()).isEqualTo(ReadPace.BURST);
    }

    @Test
    void aRequestThatArrivesByteByByteGetsItsResponse() throws Exception {
        RawConnection client = client(balancer(backend(OK)));
        String request = "GET / HTTP/1.1\r\nHost: h\r\nX-A: " + "0".repeat(2 * ReadPace.BURST) + "\r\n\r\n";
        for (char c : request.toCharArray()) {
            client.write(String.valueOf(c));
        }
        assertThat(Message.readResponse(client).status()).isEqualTo(200);
    }
}

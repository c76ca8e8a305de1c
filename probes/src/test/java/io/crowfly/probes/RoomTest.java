package io.crowfly.probes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RoomTest {

    private static final long SECOND = 1_000_000_000L;

    private final Room room = new Room();
    private long now = SECOND;

    private void send(int seconds, long inFlight) {
        for (int i = 0; i < seconds * 20; i++) {
            now += SECOND / 20;
            room.sent(inFlight, now);
        }
    }

    @Test
    void isSmallBeforeAnythingIsKnown() {
        assertThat(room.room()).isEqualTo(Room.LEAST);
        room.sent(1000, now);
        assertThat(room.room()).isEqualTo(Room.LEAST);
    }

    @Test
    void isSomewhatMoreThanWhatIsUsual() {
        send(60, 100);
        assertThat(room.room()).isCloseTo(150, within(1.0));
    }

    @Test
    void isNotWidenedByAShortBurst() {
        send(60, 10);
        for (int i = 0; i < 5; i++) {
            room.sent(200, now);
        }
        assertThat(room.room()).isCloseTo(15, within(1.0));
    }

    @Test
    void isKeptWhileTheBackendGetsLessForAMinute() {
        send(60, 100);
        send(60, 1);
        assertThat(room.room()).isBetween(120.0, 150.0);
    }

    @Test
    void isGivenUpAfterHoursAndNeverBelowTheLeast() {
        send(60, 100);
        now += 10 * 3600 * SECOND;
        room.sent(1, now);
        assertThat(room.room()).isEqualTo(Room.LEAST);
    }
}

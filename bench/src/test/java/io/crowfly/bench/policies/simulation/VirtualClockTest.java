package io.crowfly.bench.policies.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class VirtualClockTest {

    private final VirtualClock clock = new VirtualClock();
    private final List<Long> ran = new ArrayList<>();

    private void runAll() {
        while (clock.nextNanos() != Long.MAX_VALUE) {
            clock.runNext();
        }
    }

    @Test
    void runsTasksInOrderOfTime() {
        SplittableRandom random = new SplittableRandom(1);
        List<Long> times = random.longs(5000, 0, 1_000_000).boxed().toList();
        times.forEach(time -> clock.scheduleAt(time, () -> ran.add(clock.nanoTime())));

        runAll();

        assertThat(ran).isEqualTo(times.stream().sorted().toList());
    }

    @Test
    void keepsTheOrderOfSchedulingAtOneMoment() {
        for (long i = 0; i < 100; i++) {
            long order = i;
            clock.scheduleAt(7, () -> ran.add(order));
        }

        runAll();

        assertThat(ran).isSorted().hasSize(100);
    }

    @Test
    void aTaskMaySchedule() {
        clock.schedule(10, () -> clock.schedule(5, () -> ran.add(clock.nanoTime())));

        runAll();

        assertThat(ran).containsExactly(15L);
    }

    @Test
    void refusesATimeInThePast() {
        clock.schedule(10, () -> {});
        clock.runNext();

        assertThatThrownBy(() -> clock.scheduleAt(9, () -> {})).isInstanceOf(IllegalArgumentException.class);
    }
}

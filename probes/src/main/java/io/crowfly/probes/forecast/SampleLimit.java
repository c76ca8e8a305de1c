package io.crowfly.probes.forecast;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * Limit of the samples that are learned of one class at one backend: about 200 a second, so that learning takes a
 * bounded time. At a higher rate, samples are dropped at random, whatever their values. Confined to one thread.
 *
 * <p>The probability depends on the number of samples so far, so samples must be offered in an order that does not
 * depend on their values, such as the order in which the requests were sent. Otherwise a burst, of which the fast
 * responses arrive first, would seem fast.
 */
final class SampleLimit {

    private static final long WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** Samples in a window from which samples are dropped. */
    private static final int SAMPLES_PER_WINDOW = 20;

    /** A generator of its own with a fixed seed: which samples are dropped needs no secret and stays reproducible. */
    private final SplittableRandom random = new SplittableRandom(1);

    private long window = Long.MIN_VALUE;
    private int count;
    private int previousCount;

    /** Returns whether to learn the next sample. */
    boolean accepts(long nowNanos) {
        long current = Math.floorDiv(nowNanos, WINDOW_NANOS);
        if (current != window) {
            previousCount = current == window + 1 ? count : 0;
            count = 0;
            window = current;
        }
        count++;
        int offered = Math.max(previousCount, count);
        return offered <= SAMPLES_PER_WINDOW || random.nextInt(offered) < SAMPLES_PER_WINDOW;
    }
}

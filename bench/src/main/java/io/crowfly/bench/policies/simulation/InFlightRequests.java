package io.crowfly.bench.policies.simulation;

import java.util.Arrays;

/**
 * Requests in flight at one simulated backend: a heap of the times at which they end. {@link #count} removes ended
 * requests.
 */
final class InFlightRequests {

    private long[] times = new long[64];
    private int size;

    void add(long timeNanos) {
        if (size == times.length) {
            times = Arrays.copyOf(times, 2 * size);
        }
        siftUp(size++, timeNanos);
    }

    /** Replaces the end of one request by an earlier one. The search is linear, because few requests are cancelled. */
    void replace(long timeNanos, long earlierNanos) {
        for (int i = 0; i < size; i++) {
            if (times[i] == timeNanos) {
                siftUp(i, earlierNanos);
                return;
            }
        }
        throw new IllegalArgumentException("no request ends at " + timeNanos);
    }

    private void siftUp(int from, long timeNanos) {
        int hole = from;
        while (hole > 0 && timeNanos < times[(hole - 1) / 2]) {
            times[hole] = times[(hole - 1) / 2];
            hole = (hole - 1) / 2;
        }
        times[hole] = timeNanos;
    }

    int count(long nowNanos) {
        while (size > 0 && times[0] <= nowNanos) {
            remove();
        }
        return size;
    }

    private void remove() {
        long last = times[--size];
        int hole = 0;
        while (true) {
            int child = 2 * hole + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && times[child + 1] < times[child]) {
                child++;
            }
            if (last <= times[child]) {
                break;
            }
            times[hole] = times[child];
            hole = child;
        }
        times[hole] = last;
    }
}

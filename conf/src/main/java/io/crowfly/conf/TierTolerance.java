package io.crowfly.conf;

import java.time.Duration;

/**
 * Limit up to which a lower-numbered tier keeps requests although it is slower than the best backend, {@code
 * routing.tier-tolerance}.
 */
public sealed interface TierTolerance {

    /** Returns the tolerance in nanoseconds. The value for no limit exceeds every prediction. */
    long nanos();

    record Within(Duration duration) implements TierTolerance {
        @Override
        public long nanos() {
            return duration.toNanos();
        }
    }

    /** No limit: a higher-numbered tier gets requests only while the lower-numbered tiers are unhealthy or parked. */
    record Unlimited() implements TierTolerance {
        @Override
        public long nanos() {
            return Long.MAX_VALUE;
        }
    }
}

package io.crowfly.conf;

import java.time.Duration;

/**
 * How much slower than the best backend a lower-numbered tier may be and keep the request, {@code
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

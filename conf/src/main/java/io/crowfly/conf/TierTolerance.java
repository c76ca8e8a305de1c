package io.crowfly.conf;

import java.time.Duration;

/** {@code routing.tier-tolerance}: how much slower than the best a lower tier may be and still keep the request. */
public sealed interface TierTolerance {

    /** In nanoseconds; no prediction is as long as what stands for no limit. */
    long nanos();

    record Within(Duration duration) implements TierTolerance {
        @Override
        public long nanos() {
            return duration.toNanos();
        }
    }

    /** The right of first refusal: a higher tier only gets what the lower ones can't take. */
    record Unlimited() implements TierTolerance {
        @Override
        public long nanos() {
            return Long.MAX_VALUE;
        }
    }
}

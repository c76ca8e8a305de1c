package io.crowfly.balancer.upstream;

import java.util.concurrent.atomic.LongAdder;

/** Counters of one backend over all loops, kept from one conf to the next. */
record BackendCounts(LongAdder inFlight, LongAdder failures) {

    BackendCounts() {
        this(new LongAdder(), new LongAdder());
    }
}

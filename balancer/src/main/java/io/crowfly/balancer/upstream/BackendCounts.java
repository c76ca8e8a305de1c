package io.crowfly.balancer.upstream;

import java.util.concurrent.atomic.LongAdder;

/** What is counted of a backend over all loops, from one conf to the next. */
record BackendCounts(LongAdder inFlight, LongAdder failures) {

    BackendCounts() {
        this(new LongAdder(), new LongAdder());
    }
}

package io.crowfly.balancer.upstream;

import java.util.concurrent.atomic.LongAdder;

/** Counters of one backend (requests in flight, failures), which all event loops share and which survive a reload. */
record BackendCounts(LongAdder inFlight, LongAdder failures) {

    BackendCounts() {
        this(new LongAdder(), new LongAdder());
    }
}

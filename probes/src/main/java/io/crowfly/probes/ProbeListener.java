package io.crowfly.probes;

import io.crowfly.conf.Backend;

/** Hears how each probe ended, for metrics. */
@FunctionalInterface
public interface ProbeListener {

    /** Called on the timeline's thread, after the ranking that the result led to is published. Must not block. */
    void onProbe(Backend backend, ProbeResult result);
}

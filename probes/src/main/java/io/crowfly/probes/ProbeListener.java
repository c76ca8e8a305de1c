package io.crowfly.probes;

import io.crowfly.conf.Backend;

/** Hears how each probe ended, for metrics. */
@FunctionalInterface
public interface ProbeListener {

    /** Called on the timeline's thread, after a change of health that it led to is published. Must not block. */
    void onProbe(Backend backend, ProbeResult result);
}

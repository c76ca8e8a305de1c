package io.crowfly.probes;

import io.crowfly.conf.Backend;

/** Listener for the result of each probe, for metrics. */
@FunctionalInterface
public interface ProbeListener {

    /** Called on the scheduler's thread, after any change of health by this probe is published. Must not block. */
    void onProbe(Backend backend, ProbeResult result);
}

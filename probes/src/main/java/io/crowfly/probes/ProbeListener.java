package io.crowfly.probes;

import io.crowfly.conf.Backend;

/** Listener that receives the result of every probe of every backend, for metrics. */
@FunctionalInterface
public interface ProbeListener {

    /**
     * Called on the scheduler's thread for each probe. If the probe changed the health, the new ranking is already
     * published. Must not block.
     */
    void onProbe(Backend backend, ProbeResult result);
}

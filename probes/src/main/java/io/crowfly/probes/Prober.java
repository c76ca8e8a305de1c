package io.crowfly.probes;

import io.crowfly.conf.Backend;
import java.util.function.Consumer;

/** Sender of probes: the interface through which this module reaches the network or the simulator. */
public interface Prober {

    /**
     * Sends one probe of the kind in the backend's conf. Returns at once.
     *
     * @param whenDone called exactly once, on any thread, at the latest when the probe's timeout ends
     */
    void probe(Backend backend, Consumer<ProbeResult> whenDone);
}

package io.crowfly.probes;

import io.crowfly.conf.Backend;
import java.util.function.Consumer;

/** Sender of probes. Through this interface the schedule reaches the network, or the simulated backends. */
public interface Prober {

    /**
     * Sends one probe of the kind in the backend's conf, and returns without waiting for the result.
     *
     * @param whenDone called exactly once, on any thread, at the latest when the probe's timeout ends
     */
    void probe(Backend backend, Consumer<ProbeResult> whenDone);
}

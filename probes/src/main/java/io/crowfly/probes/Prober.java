package io.crowfly.probes;

import io.crowfly.conf.Backend;
import java.util.function.Consumer;

/** How the probes floor reaches the world. */
public interface Prober {

    /**
     * Sends one probe of the kind that the backend's conf asks for. Returns at once.
     *
     * @param whenDone called exactly once, on any thread, no later than the probe's timeout allows
     */
    void probe(Backend backend, Consumer<ProbeResult> whenDone);
}

package io.crowfly.bench.peers;

import io.crowfly.bench.process.Children;
import java.io.IOException;

/** Generates load on a proxy and counts the results. */
interface ProxyLoad {

    /**
     * Loads the proxy for a time and returns the measured figures. Blocks for that time.
     *
     * @param port the proxy's port on 127.0.0.1
     * @throws IOException if the proxy ended, or no response was received
     */
    ProxySample drive(Children.Child proxy, int port, int seconds) throws IOException, InterruptedException;
}

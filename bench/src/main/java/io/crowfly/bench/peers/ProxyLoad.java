package io.crowfly.bench.peers;

import io.crowfly.bench.process.Children;
import java.io.IOException;

/** Load generator of {@code bench peers} for one proxy at a time. */
interface ProxyLoad {

    /**
     * Loads the proxy for these seconds and returns the measured figures. Blocks meanwhile.
     *
     * @param port the proxy's port on 127.0.0.1
     * @throws IOException if the proxy ended, or no response was received
     */
    ProxySample drive(Children.Child proxy, int port, int seconds) throws IOException, InterruptedException;
}

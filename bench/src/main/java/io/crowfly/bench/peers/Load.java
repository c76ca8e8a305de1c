package io.crowfly.bench.peers;

import io.crowfly.bench.process.Children;
import java.io.IOException;

/** What keeps a proxy busy, and counts what came back. */
interface Load {

    /**
     * Loads the proxy and returns what that took. Blocks for that long.
     *
     * @param port where the proxy listens, on 127.0.0.1
     * @throws IOException when the proxy died, or nothing at all came back
     */
    Sample drive(Children.Child proxy, int port, int seconds) throws IOException, InterruptedException;
}

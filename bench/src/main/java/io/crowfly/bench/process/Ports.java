package io.crowfly.bench.process;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Selector of free loopback ports for the programs of a benchmark. Programs other than Crowfly can't report a port that
 * the kernel selected, so ports are selected in advance. If another process takes a port in between, the run fails with
 * a message. The ports are below the range from which the kernel selects ports (ip(7), ip_local_port_range), so that no
 * process gets one by chance.
 */
public final class Ports {

    private static final int FIRST_PORT = 20_000;

    /** First port of the range from which Linux selects ports. */
    private static final int PORT_LIMIT = 32_768;

    /** Limit of tries to bind a port. More failures have another cause than ports in use. */
    private static final int MAX_TRIES = 1000;

    private Ports() {}

    /** Returns distinct free ports of 127.0.0.1. */
    public static List<Integer> free(int count) throws IOException {
        List<ServerSocket> held = new ArrayList<>();
        try {
            for (int tries = 0; held.size() < count; tries++) {
                int port = ThreadLocalRandom.current().nextInt(FIRST_PORT, PORT_LIMIT);
                try {
                    held.add(new ServerSocket(port, 1, InetAddress.getLoopbackAddress()));
                } catch (BindException taken) {
                    if (tries > MAX_TRIES) {
                        throw taken;
                    }
                }
            }
            return held.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket socket : held) {
                socket.close();
            }
        }
    }
}

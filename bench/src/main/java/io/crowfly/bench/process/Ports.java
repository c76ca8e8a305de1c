package io.crowfly.bench.process;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Loopback ports that nothing listens on at the moment. Programs other than ours can't be asked for "any port" and then
 * for the one they got, so ports are picked ahead; someone else could take one in between, and the run then says so. They
 * are taken from below those that the kernel hands out by itself (ip(7), ip_local_port_range), so that nobody gets one by
 * chance.
 */
public final class Ports {

    private static final int FIRST_PORT = 20_000;

    /** Where Linux begins to hand out ports. */
    private static final int PORT_LIMIT = 32_768;

    /** So many that are taken say that something else is wrong. */
    private static final int MAX_TRIES = 1000;

    private Ports() {}

    /** Distinct free ports of 127.0.0.1. */
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

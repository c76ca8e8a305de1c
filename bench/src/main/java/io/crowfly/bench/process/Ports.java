package io.crowfly.bench.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/**
 * Loopback ports that nothing listens on at the moment. Programs other than ours can't be asked for "any port" and then
 * for the one they got, so ports are picked ahead; someone else could take one in between, and the run then says so.
 */
public final class Ports {

    private Ports() {}

    /** Distinct free ports of 127.0.0.1. */
    public static List<Integer> free(int count) throws IOException {
        List<ServerSocket> held = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                held.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return held.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket socket : held) {
                socket.close();
            }
        }
    }
}

package io.crowfly.bench.demo;

import io.crowfly.conf.Backend;
import io.crowfly.conf.BindAddress;
import io.crowfly.conf.Conf;
import io.crowfly.conf.Problem;
import io.crowfly.conf.read.ConfReader;
import io.crowfly.conf.read.ConfResult;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Conf file of the demo: reads it, and finds the addresses of its listeners and backends.
 *
 * @param file path of the file
 * @param conf its content
 */
record DemoConf(Path file, Conf conf) {

    private static final Pattern LOOPBACK_PORT = Pattern.compile("(127\\.0\\.0\\.1|localhost|\\[::1]):(\\d+)");

    static DemoConf read(Path file) throws DemoException {
        if (!Files.isReadable(file)) {
            throw new DemoException(
                    "The conf file " + file + " does not exist or is not readable; name a file with --conf.");
        }
        ConfResult result = new ConfReader(System.getenv()).read(file);
        if (result instanceof ConfResult.Valid valid) {
            return new DemoConf(file, valid.conf());
        }
        throw new DemoException(((ConfResult.Invalid) result)
                .problems().stream().map(Problem::toString).collect(Collectors.joining("\n")));
    }

    /**
     * Writes a copy of the conf file, in which all ports are replaced by free ones, to {@code directory}, and returns
     * the copy.
     */
    DemoConf onFreePorts(Path directory) throws DemoException, IOException {
        String text = Files.readString(file);
        Map<String, Integer> free = new LinkedHashMap<>();
        List<ServerSocket> held = new ArrayList<>();
        for (MatchResult found : LOOPBACK_PORT.matcher(text).results().toList()) {
            if (!free.containsKey(found.group(2))) {
                ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                held.add(socket);
                free.put(found.group(2), socket.getLocalPort());
            }
        }
        for (ServerSocket socket : held) {
            socket.close();
        }
        Path moved = directory.resolve("demo.yaml");
        Files.writeString(
                moved,
                LOOPBACK_PORT.matcher(text).replaceAll(found -> found.group(1) + ":" + free.get(found.group(2))));
        return read(moved);
    }

    /** Returns the address of the first listener, which the demo's traffic uses. */
    BindAddress.Tcp listener() throws DemoException {
        return tcp(conf.listeners().get(0).bind(), "listener");
    }

    BindAddress.Tcp admin() throws DemoException {
        return tcp(conf.admin().bind(), "admin");
    }

    private static BindAddress.Tcp tcp(BindAddress address, String purpose) throws DemoException {
        if (address instanceof BindAddress.Tcp tcp) {
            return tcp;
        }
        throw new DemoException("The demo needs a host and a port for its " + purpose + ", not " + address + ".");
    }

    /** Returns all addresses that the demo binds, by their purpose. */
    Map<String, BindAddress.Tcp> addresses() throws DemoException {
        Map<String, BindAddress.Tcp> all = new LinkedHashMap<>();
        all.put("listener", listener());
        all.put("admin", admin());
        for (Backend backend : conf.backends()) {
            all.put(backend.name(), new BindAddress.Tcp(backend.host(), backend.port()));
        }
        return all;
    }

    /**
     * Checks that all ports are free.
     *
     * @throws DemoException if a port is in use; the message names its purpose
     */
    void checkPorts() throws DemoException {
        for (Map.Entry<String, BindAddress.Tcp> each : addresses().entrySet()) {
            BindAddress.Tcp address = each.getValue();
            try (ServerSocket probe = new ServerSocket()) {
                probe.setReuseAddress(true);
                probe.bind(new InetSocketAddress(address.host(), address.port()));
            } catch (IOException e) {
                throw new DemoException("Port " + address.port() + " (" + each.getKey()
                        + ") can't be used: " + e.getMessage()
                        + ". Stop the process that listens there, or run the demo with --any-port.");
            }
        }
    }
}

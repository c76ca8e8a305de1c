package io.crowfly.bench.peers;

import io.crowfly.bench.process.Children;
import io.crowfly.bench.process.Cores;
import io.crowfly.bench.process.ProcessUsage;
import io.crowfly.bench.process.Programs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Load generator of {@code bench peers} that makes a new TLS connection for each request, one after the other, with
 * OpenSSL's {@code s_time}. It never resumes a session, as wrk may do.
 */
final class HandshakeLoad implements ProxyLoad {

    private static final Pattern CONNECTIONS = Pattern.compile("(\\d+) connections in \\d+ real seconds");

    private final Programs programs;
    private final Children children;
    private final String path;
    private final Path folder;

    HandshakeLoad(Programs programs, Children children, String path, Path folder) {
        this.programs = programs;
        this.children = children;
        this.path = path;
        this.folder = folder;
    }

    @Override
    public ProxySample drive(Children.Child proxy, int port, int seconds) throws IOException, InterruptedException {
        List<String> command = List.of(
                programs.path("openssl"),
                "s_time",
                "-connect",
                "127.0.0.1:" + port,
                "-new",
                "-www",
                path,
                "-time",
                Integer.toString(seconds));
        ProcessUsage before = proxy.usage();
        long start = System.nanoTime();
        Children.Child client =
                children.start("openssl", Cores.LOAD_CORE, command, Map.of(), folder.resolve("s_time.log"));
        int exit = client.process().waitFor();
        double elapsedSeconds = (System.nanoTime() - start) / 1e9;
        ProcessUsage after = proxy.usage();
        Matcher summary = CONNECTIONS.matcher(client.output());
        long connections = summary.find() ? Long.parseLong(summary.group(1)) : 0;
        if (connections == 0) {
            throw new IOException("no handshake was completed; the output of s_time: " + client.output());
        }
        return new ProxySample(
                connections,
                after.cpuMicros() - before.cpuMicros(),
                elapsedSeconds,
                after.residentBytes(),
                exit == 0 ? 0 : 1,
                0,
                0);
    }
}

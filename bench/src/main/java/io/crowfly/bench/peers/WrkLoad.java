package io.crowfly.bench.peers;

import io.crowfly.bench.load.Wrk;
import io.crowfly.bench.process.Children;
import io.crowfly.bench.process.Cores;
import io.crowfly.bench.process.ProcessUsage;
import io.crowfly.bench.process.Programs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Load generator of {@code bench peers} that sends the next request on each connection after the response, with wrk on
 * one thread.
 */
final class WrkLoad implements ProxyLoad {

    private final Programs programs;
    private final Children children;
    private final PeerScenario scenario;
    private final Path folder;

    WrkLoad(Programs programs, Children children, PeerScenario scenario, Path folder) {
        this.programs = programs;
        this.children = children;
        this.scenario = scenario;
        this.folder = folder;
    }

    @Override
    public ProxySample drive(Children.Child proxy, int port, int seconds) throws IOException, InterruptedException {
        ProcessUsage before = proxy.usage();
        long start = System.nanoTime();
        Children.Child wrk =
                children.start("wrk", Cores.LOAD_CORE, command(port, seconds), Map.of(), folder.resolve("wrk.log"));
        wrk.process().waitFor();
        double elapsedSeconds = (System.nanoTime() - start) / 1e9;
        ProcessUsage after = proxy.usage();
        Wrk.Counts counts = Wrk.parse(wrk.output());
        if (counts.requests() == 0) {
            throw new IOException("no response was received; wrk's output: " + wrk.output());
        }
        return new ProxySample(
                counts.requests(),
                after.cpuMicros() - before.cpuMicros(),
                elapsedSeconds,
                after.residentBytes(),
                counts.errors(),
                0,
                0);
    }

    private List<String> command(int port, int seconds) throws IOException {
        String scheme = scenario.secureClients() ? "https" : "http";
        String address = scheme + "://127.0.0.1:" + port + scenario.path();
        if (scenario.body().isEmpty() && scenario.uploadMebibytes() == 0) {
            return Wrk.command(programs, scenario.connections(), seconds, address);
        }
        String post =
                scenario.body().map(Wrk::postScript).orElseGet(() -> Wrk.uploadScript(scenario.uploadMebibytes()));
        Path script = Files.writeString(folder.resolve("post.lua"), post, StandardCharsets.US_ASCII);
        return Wrk.command(programs, scenario.connections(), seconds, address, "-s", script.toString());
    }
}

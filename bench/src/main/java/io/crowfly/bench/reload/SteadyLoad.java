package io.crowfly.bench.reload;

import io.crowfly.bench.load.Wrk;
import io.crowfly.bench.process.Children;
import io.crowfly.bench.process.Programs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Load of {@code bench reload}: a wrk process that posts chat completions on persistent connections at full speed until
 * stopped.
 */
final class SteadyLoad {

    static final int CONNECTIONS = 32;

    /** Duration that wrk requires, in seconds. {@link #stop} ends wrk earlier. */
    private static final long HOUR_SECONDS = 3600;

    private static final long STOP_SECONDS = 30;

    private final Children.Child wrk;

    private SteadyLoad(Children.Child wrk) {
        this.wrk = wrk;
    }

    static SteadyLoad start(Programs programs, Children children, Path folder, int port) throws IOException {
        Path script = Files.writeString(
                folder.resolve("post.lua"), Wrk.postScript(Wrk.modelFirst()), StandardCharsets.US_ASCII);
        String address = "http://127.0.0.1:" + port + "/v1/chat/completions";
        List<String> command = Wrk.command(programs, CONNECTIONS, HOUR_SECONDS, address, "-s", script.toString());
        return new SteadyLoad(children.start("wrk", command, Map.of(), folder.resolve("wrk.log")));
    }

    /**
     * Stops wrk and returns the counts of its summary.
     *
     * @throws IOException if wrk had ended by itself, or received no response
     */
    Wrk.Counts stop() throws IOException, InterruptedException {
        if (wrk.isAlive()) {
            interrupt();
        }
        if (!wrk.process().waitFor(STOP_SECONDS, TimeUnit.SECONDS)
                || wrk.process().exitValue() != 0) {
            throw new IOException("wrk failed:\n" + wrk.output());
        }
        Wrk.Counts counts = Wrk.parse(wrk.output());
        if (counts.requests() == 0) {
            throw new IOException("no response was received; wrk's output:\n" + wrk.output());
        }
        return counts;
    }

    /**
     * Sends SIGINT with a shell, because wrk prints its summary at SIGINT and the JDK can send only SIGTERM and
     * SIGKILL.
     */
    private void interrupt() throws IOException, InterruptedException {
        new ProcessBuilder("/bin/sh", "-c", "kill -INT " + wrk.process().pid())
                .start()
                .waitFor();
    }
}

package io.crowfly.bench.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;

/**
 * How busy a core has been since the start of the machine, from {@code /proc/stat} (proc(5)).
 *
 * @param busy in ticks of 10 ms
 * @param total in ticks of 10 ms
 */
public record CoreTicks(long busy, long total) {

    // Indices of the fields of a line of proc(5), counted from the first one after the name of the core.
    private static final int IDLE = 3;
    private static final int IO_WAIT = 4;

    /** Guest time, which the user time includes, begins with this field. */
    private static final int GUEST = 8;

    /** @throws IOException if there is no such core */
    public static CoreTicks of(int core) throws IOException {
        String name = "cpu" + core + " ";
        try (Stream<String> lines = Files.lines(Path.of("/proc/stat"))) {
            String line = lines.filter(each -> each.startsWith(name))
                    .findFirst()
                    .orElseThrow(() -> new IOException("there is no core " + core));
            return parse(line.substring(name.length()));
        }
    }

    static CoreTicks parse(String fields) {
        long[] ticks = Arrays.stream(fields.trim().split(" +"))
                .limit(GUEST)
                .mapToLong(Long::parseLong)
                .toArray();
        long total = Arrays.stream(ticks).sum();
        return new CoreTicks(total - ticks[IDLE] - ticks[IO_WAIT], total);
    }

    /** Returns the busy part of the time since earlier ticks, in percent. */
    public double percentSince(CoreTicks earlier) {
        return 100.0 * (busy - earlier.busy) / Math.max(1, total - earlier.total);
    }
}

package io.crowfly.bench.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * CPU time and resident memory of a benchmark's process since its start, from {@code /proc/PID/stat} (proc(5)), which
 * counts all its threads.
 *
 * @param cpuMicros user and system time in microseconds, in steps of {@value #MICROS_PER_TICK}
 * @param residentBytes resident memory now
 */
public record ProcessUsage(long cpuMicros, long residentBytes) {

    /**
     * Microseconds in one tick, the unit of times in /proc (USER_HZ): 100 ticks per second on x86 and Arm, whatever the
     * kernel's own tick.
     */
    static final long MICROS_PER_TICK = 10_000;

    /** The page size of x86, and of Arm with Debian's kernel. */
    private static final long PAGE_BYTES = 4096;

    // Indices of fields 14, 15 and 24 of proc(5), counted from the process state, the first field after the name.
    private static final int UTIME = 11;
    private static final int STIME = 12;
    private static final int RSS = 21;

    /**
     * Returns the usage of a process and all its descendants. A launcher may start the balancer as its child instead of
     * replacing itself.
     *
     * @throws IOException if the process has ended
     */
    public static ProcessUsage of(ProcessHandle process) throws IOException {
        List<ProcessHandle> all =
                Stream.concat(Stream.of(process), process.descendants()).toList();
        long cpuMicros = 0;
        long residentBytes = 0;
        for (ProcessHandle each : all) {
            ProcessUsage usage = parse(Files.readString(Path.of("/proc/" + each.pid() + "/stat")));
            cpuMicros += usage.cpuMicros;
            residentBytes += usage.residentBytes;
        }
        return new ProcessUsage(cpuMicros, residentBytes);
    }

    /** Parses the line of {@code /proc/PID/stat}. */
    static ProcessUsage parse(String stat) {
        // The name of the program is in parentheses and may contain spaces and parentheses itself; the last parenthesis
        // ends it.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).trim().split(" ");
        long ticks = Long.parseLong(fields[UTIME]) + Long.parseLong(fields[STIME]);
        return new ProcessUsage(ticks * MICROS_PER_TICK, Long.parseLong(fields[RSS]) * PAGE_BYTES);
    }
}

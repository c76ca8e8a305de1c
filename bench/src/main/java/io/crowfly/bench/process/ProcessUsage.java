package io.crowfly.bench.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a process has used so far, from {@code /proc/PID/stat} (proc(5)), which counts all its threads.
 *
 * @param cpuMicros user and system time in microseconds, in steps of {@value #MICROS_PER_TICK}
 * @param residentBytes memory resident now
 */
public record ProcessUsage(long cpuMicros, long residentBytes) {

    /** USER_HZ, the unit of times in /proc, is 100 a second on x86 and Arm whatever the kernel's own tick is. */
    static final long MICROS_PER_TICK = 10_000;

    /** The page size of x86, and of Arm as Debian builds its kernel. */
    private static final long PAGE_BYTES = 4096;

    // Counted from the state, the first field behind the name: fields 14, 15 and 24 of proc(5).
    private static final int UTIME = 11;
    private static final int STIME = 12;
    private static final int RSS = 21;

    /**
     * Of a process and all that it started: a launcher that doesn't replace itself must not hide what it launches.
     *
     * @throws IOException when the process is gone
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

    /** Reads the line of {@code /proc/PID/stat}. */
    static ProcessUsage parse(String stat) {
        // The name of the program stands in parentheses and may have spaces and parentheses itself: the last one ends
        // it.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).trim().split(" ");
        long ticks = Long.parseLong(fields[UTIME]) + Long.parseLong(fields[STIME]);
        return new ProcessUsage(ticks * MICROS_PER_TICK, Long.parseLong(fields[RSS]) * PAGE_BYTES);
    }
}

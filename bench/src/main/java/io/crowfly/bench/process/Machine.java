package io.crowfly.bench.process;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What a reader must know of the machine to judge figures from it. */
public final class Machine {

    private Machine() {}

    /** Above it, someone else is working: a machine with nothing to do has less than a tenth. */
    private static final double MAX_IDLE_LOAD = 0.5;

    /** The day, the machine, its kernel and its load: a label and a value for each, for a page of results. */
    public static Map<String, String> facts() throws IOException {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("date", LocalDate.now().toString());
        facts.put("machine", describe());
        facts.put("load average at the start", load());
        facts.put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        return facts;
    }

    /** Processor and number of cores. */
    private static String describe() throws IOException {
        // Arm's kernels give no name of the model.
        String model = Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .findFirst()
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .orElse(System.getProperty("os.arch"));
        return "%s, %d cores".formatted(model, Runtime.getRuntime().availableProcessors());
    }

    /**
     * The load average of the last minute, and what to think of it. Work of others disturbs a run even where it is fair to
     * all: a load generator that has to wait sends in bursts, and bursts are cheaper to proxy.
     */
    private static String load() {
        double average = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        return String.format(
                Locale.ROOT, average > MAX_IDLE_LOAD ? "%.1f: NOT QUIET, figures are disturbed" : "%.1f", average);
    }
}

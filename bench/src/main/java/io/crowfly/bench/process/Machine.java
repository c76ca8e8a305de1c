package io.crowfly.bench.process;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Facts about the machine of a benchmark (processor, kernel, load), for the page of results. */
public final class Machine {

    private Machine() {}

    /**
     * Limit of the load average. Above it the page warns that other processes disturb the figures. An idle machine has
     * less than 0.1.
     */
    private static final double MAX_IDLE_LOAD = 0.5;

    /** Returns date, machine, kernel and load as labels and values for a page of results. */
    public static Map<String, String> facts() throws IOException {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("date", LocalDate.now().toString());
        facts.put("machine", describe());
        facts.put("load average at the start", load());
        facts.put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        return facts;
    }

    /** Returns the processor and the number of cores. */
    private static String describe() throws IOException {
        // Kernels on Arm do not report the name of the processor.
        String model = Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .findFirst()
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .orElse(System.getProperty("os.arch"));
        return "%s, %d cores".formatted(model, Runtime.getRuntime().availableProcessors());
    }

    /**
     * Returns the load average of the last minute, with a warning if other processes are active. Their work disturbs
     * figures even if it affects all compared proxies equally: a load generator that waits for the processor sends
     * requests in bursts, and a proxy needs less CPU time for bursts.
     */
    private static String load() {
        double average = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        return String.format(
                Locale.ROOT, average > MAX_IDLE_LOAD ? "%.1f: NOT QUIET, figures are disturbed" : "%.1f", average);
    }
}

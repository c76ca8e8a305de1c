package io.crowfly.bench.memory;

import io.crowfly.bench.process.Children;
import io.crowfly.bench.process.Children.Child;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Monitor of a child JVM's memory in a benchmark: samples resident memory from the kernel, and the heap from
 * {@code jstat}.
 */
public final class MemoryMonitor implements AutoCloseable {

    private static final long INTERVAL_MILLIS = 200;

    /** Columns of jstat whose sum is the heap in use, in KiB: survivor spaces 0 and 1, eden, old generation. */
    private static final List<String> HEAP_COLUMNS = List.of("S0U", "S1U", "EU", "OU");

    private final Child child;
    private final Child jstat;
    private final Thread sampler = new Thread(this::sampleRepeatedly, "memory-watch");
    private final List<MemorySample> samples = new CopyOnWriteArrayList<>();
    private volatile String phase;

    /**
     * Sample of a process's resident memory in one phase of a run.
     *
     * @param phase name of the phase
     * @param residentBytes resident memory, in bytes
     */
    public record MemorySample(String phase, long residentBytes) {}

    private MemoryMonitor(Child child, Child jstat, String phase) {
        this.child = child;
        this.jstat = jstat;
        this.phase = phase;
        sampler.setDaemon(true);
    }

    /**
     * Starts sampling the memory of a child JVM.
     *
     * @param folder folder for the monitor's files
     * @param phase name of the current phase
     */
    public static MemoryMonitor start(Children children, Child child, Path folder, String phase) throws IOException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "jstat").toString(),
                "-gc",
                Long.toString(child.process().pid()),
                Long.toString(INTERVAL_MILLIS));
        Child jstat = children.start("jstat", command, Map.of(), folder.resolve("jstat.log"));
        MemoryMonitor watch = new MemoryMonitor(child, jstat, phase);
        watch.sampler.start();
        return watch;
    }

    /** Sets the name of the current phase and takes one sample, so that a short phase has a sample too. */
    public void phase(String name) throws IOException {
        phase = name;
        sample();
    }

    private void sample() throws IOException {
        samples.add(new MemorySample(phase, child.usage().residentBytes()));
    }

    private void sampleRepeatedly() {
        try {
            while (child.isAlive()) {
                sample();
                Thread.sleep(INTERVAL_MILLIS);
            }
        } catch (IOException | InterruptedException over) {
            Thread.currentThread().interrupt();
        }
    }

    public List<MemorySample> samples() {
        return List.copyOf(samples);
    }

    /**
     * Returns the maximum of resident memory as counted by the kernel, in bytes. It includes peaks between two samples.
     */
    public long peakResidentBytes() throws IOException {
        Path status = Path.of("/proc/" + child.process().pid() + "/status");
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")) * 1024)
                .findFirst()
                .orElseThrow(() -> new IOException("the kernel reports no peak of resident memory"));
    }

    /** Returns the heap in use at each sample, in bytes, from the first to the last. */
    public List<Long> heapBytes() throws IOException {
        return parse(jstat.output());
    }

    /** Parses jstat's output: a line of headings, and lines of figures. */
    static List<Long> parse(String output) {
        List<String> lines = output.lines().map(String::strip).toList();
        if (lines.isEmpty()) {
            return List.of();
        }
        List<String> headings = List.of(lines.get(0).split("\\s+"));
        List<Long> all = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            String[] figures = line.split("\\s+");
            // jstat may still be writing the last line.
            if (figures.length == headings.size()) {
                all.add((long) (HEAP_COLUMNS.stream()
                                .mapToDouble(column -> Double.parseDouble(figures[headings.indexOf(column)]))
                                .sum()
                        * 1024));
            }
        }
        return all;
    }

    /** Returns the median; 0 if there are no values. */
    public static long median(long[] values) {
        if (values.length == 0) {
            return 0;
        }
        long[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    @Override
    public void close() throws InterruptedException {
        sampler.interrupt();
        sampler.join();
    }
}

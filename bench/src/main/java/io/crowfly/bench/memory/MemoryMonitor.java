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
 * Looks at a JVM's memory from outside, without its help: resident memory from the kernel, the heap from the counters that
 * HotSpot shares with jstat.
 */
public final class MemoryMonitor implements AutoCloseable {

    private static final long INTERVAL_MILLIS = 200;

    /** The parts of the heap in use, as jstat heads its columns; in KiB. */
    private static final List<String> HEAP_COLUMNS = List.of("S0U", "S1U", "EU", "OU");

    private final Child child;
    private final Child jstat;
    private final Thread sampler = new Thread(this::sampleRepeatedly, "memory-watch");
    private final List<Sample> samples = new CopyOnWriteArrayList<>();
    private volatile String phase;

    /** @param residentBytes of the process, at a moment of the phase */
    public record Sample(String phase, long residentBytes) {}

    private MemoryMonitor(Child child, Child jstat, String phase) {
        this.child = child;
        this.jstat = jstat;
        this.phase = phase;
        sampler.setDaemon(true);
    }

    /**
     * Begins to look.
     *
     * @param folder for its own files
     * @param phase what is being done from now on
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

    /** What is being done from now on; looked at once now, however short it is. */
    public void phase(String name) throws IOException {
        phase = name;
        sample();
    }

    private void sample() throws IOException {
        samples.add(new Sample(phase, child.usage().residentBytes()));
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

    public List<Sample> samples() {
        return List.copyOf(samples);
    }

    /** The most that the kernel ever counted, in bytes; it misses no peak. */
    public long peakResidentBytes() throws IOException {
        Path status = Path.of("/proc/" + child.process().pid() + "/status");
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")) * 1024)
                .findFirst()
                .orElseThrow(() -> new IOException("the kernel tells no peak"));
    }

    /** The heap in use at each look, in bytes, from the first to the last. */
    public List<Long> heapBytes() throws IOException {
        return parse(jstat.output());
    }

    /** Reads what jstat prints: a line of headings, and lines of figures. */
    static List<Long> parse(String output) {
        List<String> lines = output.lines().map(String::strip).toList();
        if (lines.isEmpty()) {
            return List.of();
        }
        List<String> headings = List.of(lines.get(0).split("\\s+"));
        List<Long> all = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            String[] figures = line.split("\\s+");
            // The last line may be under way.
            if (figures.length == headings.size()) {
                all.add((long) (HEAP_COLUMNS.stream()
                                .mapToDouble(column -> Double.parseDouble(figures[headings.indexOf(column)]))
                                .sum()
                        * 1024));
            }
        }
        return all;
    }

    /** 0 of none. */
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

package io.crowfly.bench.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * The processes that a run starts, each pinned to a core. They are stopped when this is closed, so that none outlives the
 * run.
 */
final class Children implements AutoCloseable {

    /** For an orderly end. Draining may take longer; there is nothing worth draining here. */
    private static final long STOP_SECONDS = 3;

    private final String taskset;
    private final List<Process> running = new CopyOnWriteArrayList<>();

    Children(Programs programs) {
        taskset = programs.path("taskset");
    }

    /** Pins this process, with all its threads, to the core. */
    void pinSelf(int core) throws IOException, InterruptedException {
        String self = Long.toString(ProcessHandle.current().pid());
        Process pin = new ProcessBuilder(taskset, "-a", "-p", "-c", Integer.toString(core), self)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (pin.waitFor() != 0) {
            throw new IOException("can't pin to core %d: is this process allowed to use it?".formatted(core));
        }
    }

    /**
     * Starts a program on a core, with what it prints going to a file.
     *
     * @param environment added to that of this process
     */
    Child start(String name, int core, List<String> command, Map<String, String> environment, Path log)
            throws IOException {
        // taskset replaces itself with the program: its pid is the program's.
        List<String> pinned = new ArrayList<>(List.of(taskset, "-c", Integer.toString(core)));
        pinned.addAll(command);
        ProcessBuilder builder =
                new ProcessBuilder(pinned).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        running.add(process);
        return new Child(name, process, log);
    }

    /** Stops them all, and what they started, and waits for it: a few seconds at most, then they are killed. */
    @Override
    public void close() {
        List<ProcessHandle> all = running.stream()
                .map(Process::toHandle)
                .flatMap(child -> Stream.concat(child.descendants(), Stream.of(child)))
                .toList();
        all.forEach(ProcessHandle::destroy);
        try {
            CompletableFuture.allOf(all.stream().map(ProcessHandle::onExit).toArray(CompletableFuture<?>[]::new))
                    .get(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException slow) {
            all.forEach(ProcessHandle::destroyForcibly);
        } catch (InterruptedException interrupted) {
            all.forEach(ProcessHandle::destroyForcibly);
            Thread.currentThread().interrupt();
        }
        running.clear();
    }

    /** One of them. */
    record Child(String name, Process process, Path log) {

        ProcessUsage usage() throws IOException {
            return ProcessUsage.of(process.toHandle());
        }

        boolean isAlive() {
            return process.isAlive();
        }

        /** What it printed so far, for a message about its failure. */
        String output() throws IOException {
            return Files.readString(log).strip();
        }
    }
}

package io.crowfly.bench.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * Child processes of a benchmark: starts programs, optionally pins each to a core, and stops all of them on
 * {@link #close}.
 */
public final class Children implements AutoCloseable {

    /** Time between SIGTERM and SIGKILL, in seconds. A balancer that still drains after this time is killed. */
    private static final long STOP_SECONDS = 3;

    /**
     * Time until a started child must listen. The launcher may have to build Crowfly first, which takes half a minute.
     */
    private static final Duration START_UP = Duration.ofMinutes(3);

    /** Attempts to move all threads of this JVM to a core. */
    private static final int MOVES = 10;

    private static final String ALLOWED_CORES = "Cpus_allowed_list:";

    private final String taskset;
    private final Programs programs;
    private final List<Process> running = new CopyOnWriteArrayList<>();

    /** The cores of this JVM before {@link #pinSelf}, as taskset writes them. */
    private Optional<String> ownCores = Optional.empty();

    public Children(Programs programs) {
        taskset = programs.path("taskset");
        this.programs = programs;
    }

    /**
     * Pins all threads of this JVM to a core, until {@link #close}, so that only the measured process uses the other
     * core.
     */
    public void pinSelf(int core) throws IOException, InterruptedException {
        ownCores = ownCores.or(Children::coresOfThisProcess);
        moveSelf(Integer.toString(core));
    }

    private static Optional<String> coresOfThisProcess() {
        try (Stream<String> status = Files.lines(Path.of("/proc/self/status"))) {
            return status.filter(line -> line.startsWith(ALLOWED_CORES))
                    .map(line -> line.substring(ALLOWED_CORES.length()).strip())
                    .findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Gives a thread of this JVM a tenth of the share that other threads on the same core get.
     *
     * @param thread number of the thread in the kernel
     */
    public void lowerPriority(String thread) throws IOException, InterruptedException {
        run(programs.path("renice"), "-n", "10", "-p", thread);
    }

    /**
     * Moves all threads of this JVM. taskset lists the threads first and fails if one of them has ended before its
     * turn; the JVM ends idle threads of its compiler at any time. So this method tries again after a failure.
     */
    private void moveSelf(String cores) throws IOException, InterruptedException {
        String self = Long.toString(ProcessHandle.current().pid());
        for (int attempt = 1; attempt < MOVES; attempt++) {
            try {
                run(taskset, "-a", "-p", "-c", cores, self);
                return;
            } catch (IOException threadEnded) {
                // The next listing does not contain that thread.
            }
        }
        run(taskset, "-a", "-p", "-c", cores, self);
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() != 0) {
            throw new IOException(
                    String.join(" ", command) + " failed; check that this process may use that core: " + output);
        }
    }

    /**
     * Starts a program that is pinned to a core.
     *
     * @param environment variables in addition to those of this process
     */
    public Child start(String name, int core, List<String> command, Map<String, String> environment, Path log)
            throws IOException {
        // taskset replaces itself with the program, so that its pid is the program's.
        List<String> pinned = new ArrayList<>(List.of(taskset, "-c", Integer.toString(core)));
        pinned.addAll(command);
        return start(name, pinned, environment, log);
    }

    /**
     * Starts a program; its output goes to a file.
     *
     * @param environment variables in addition to those of this process
     */
    public Child start(String name, List<String> command, Map<String, String> environment, Path log)
            throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        running.add(process);
        return new Child(name, process, log);
    }

    /**
     * Stops all children and their descendants and waits for their end: a few seconds at most, then they are killed.
     * Ends the pinning of this JVM.
     */
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
        ownCores.ifPresent(this::unpinSelf);
    }

    private void unpinSelf(String cores) {
        try {
            moveSelf(cores);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Started child process of a benchmark.
     *
     * @param name name for messages
     * @param log file that receives the output of the process
     */
    public record Child(String name, Process process, Path log) {

        public ProcessUsage usage() throws IOException {
            return ProcessUsage.of(process.toHandle());
        }

        public boolean isAlive() {
            return process.isAlive();
        }

        /**
         * Waits until the child listens on this port of 127.0.0.1.
         *
         * @throws IOException if the child ends instead, or takes too long; the message has its output
         */
        public void awaitListening(int port) throws IOException, InterruptedException {
            long deadline = System.nanoTime() + START_UP.toNanos();
            while (!accepts(port)) {
                if (!isAlive() || System.nanoTime() > deadline) {
                    throw new IOException("%s did not start:%n%s".formatted(name, output()));
                }
                Thread.sleep(20);
            }
        }

        private static boolean accepts(int port) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return socket.isConnected();
            } catch (IOException notYet) {
                return false;
            }
        }

        /** Returns the output so far, for a message about a failure. */
        public String output() throws IOException {
            return Files.readString(log).strip();
        }
    }
}

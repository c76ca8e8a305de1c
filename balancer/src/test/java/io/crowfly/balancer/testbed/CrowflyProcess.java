package io.crowfly.balancer.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.ThreadMXBean;
import io.crowfly.balancer.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * {@code crowfly run} in a process of its own, with one event loop. Its standard input takes commands that no product
 * has: {@code end} and {@code block} an event loop, and {@code allocated} bytes of the event loop.
 */
public final class CrowflyProcess implements AutoCloseable {

    private static final Pattern LISTENER = Pattern.compile("listener public is bound to 127\\.0\\.0\\.1:(\\d+)");
    private static final Pattern ADMIN = Pattern.compile("admin listens on 127\\.0\\.0\\.1:(\\d+)");

    /** Number of entries that a process has written to a submission queue (io_uring_show_fdinfo of the kernel). */
    private static final Pattern SUBMITTED = Pattern.compile("(?m)^SqTail:\\s*(\\d+)$");

    private static final Pattern ALLOCATED = Pattern.compile("allocated (\\d+) bytes");

    private final Process process;
    private final Path output;
    private final HttpClient client = HttpClient.newHttpClient();

    private CrowflyProcess(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /** Starts the process and waits until it listens. */
    public static CrowflyProcess start(Path directory, String conf, String... jvmOptions) throws Exception {
        CrowflyProcess started = launch(directory, conf, List.of(jvmOptions), List.of());
        started.awaitOutput(" started: ");
        return started;
    }

    /**
     * Starts the process, and does not wait.
     *
     * @param arguments of {@code crowfly run}, after the conf file
     */
    public static CrowflyProcess launch(Path directory, String conf, List<String> jvmOptions, List<String> arguments)
            throws IOException {
        Path file = directory.resolve("crowfly.yaml");
        Files.writeString(file, conf);
        Path output = directory.resolve("output");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dcrowfly.event-loops=1",
                "-Dio.netty.bootstrap.extensions=serviceload"));
        command.addAll(jvmOptions);
        command.addAll(List.of(CrowflyProcess.class.getName(), "run", file.toString()));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        return new CrowflyProcess(process, output);
    }

    /** Entry point of the process. */
    public static void main(String[] args) {
        Thread commands = new Thread(CrowflyProcess::followCommands, "commands");
        commands.setDaemon(true);
        commands.start();
        Main.main(args);
    }

    private static void followCommands() {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
            for (String command; (command = in.readLine()) != null; ) {
                if (command.equals("end")) {
                    EventLoops.end();
                } else if (command.equals("allocated")) {
                    System.out.println("allocated " + allocatedBytes() + " bytes");
                } else {
                    EventLoops.block(new CountDownLatch(1));
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long allocatedBytes() {
        ThreadMXBean threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
        return Stream.of(threads.getThreadInfo(threads.getAllThreadIds()))
                .filter(thread -> thread != null && thread.getThreadName().startsWith("crowfly-loop"))
                .mapToLong(thread -> threads.getThreadAllocatedBytes(thread.getThreadId()))
                .sum();
    }

    /** Returns the number of bytes that the event loop has allocated on the heap since its start. */
    public long allocated() throws IOException {
        int former = (int) ALLOCATED.matcher(output()).results().count();
        command("allocated");
        await().until(() -> ALLOCATED.matcher(output()).results().count() > former);
        return ALLOCATED
                .matcher(output())
                .results()
                .mapToLong(line -> Long.parseLong(line.group(1)))
                .reduce(0, (first, last) -> last);
    }

    /**
     * Returns the number of operations that the process has submitted to its io_uring instances, from the kernel's
     * counters in {@code /proc/PID/fdinfo}.
     */
    public long ringOperations() throws IOException {
        Path descriptors = Path.of("/proc", Long.toString(process.pid()), "fd");
        long operations = 0;
        try (DirectoryStream<Path> all = Files.newDirectoryStream(descriptors)) {
            for (Path descriptor : all) {
                if (Files.readSymbolicLink(descriptor).toString().contains("[io_uring]")) {
                    Path information = descriptors.resolveSibling("fdinfo").resolve(descriptor.getFileName());
                    Matcher tail = SUBMITTED.matcher(Files.readString(information));
                    assertThat(tail.find()).isTrue();
                    operations += Long.parseLong(tail.group(1));
                }
            }
        }
        return operations;
    }

    /** Sends a command to the process. */
    public void command(String command) throws IOException {
        process.getOutputStream().write((command + "\n").getBytes(StandardCharsets.US_ASCII));
        process.getOutputStream().flush();
    }

    public String output() throws IOException {
        return Files.readString(output);
    }

    public void awaitOutput(String text) throws Exception {
        await().until(() -> output().contains(text) || !process.isAlive());
        assertThat(output()).contains(text);
    }

    public int port() throws IOException {
        return port(LISTENER);
    }

    private int port(Pattern line) throws IOException {
        Matcher matcher = line.matcher(output());
        assertThat(matcher.find()).isTrue();
        return Integer.parseInt(matcher.group(1));
    }

    public int adminPort() throws IOException {
        return port(ADMIN);
    }

    public RawConnection client() throws IOException {
        return RawConnection.connect(port());
    }

    public HttpResponse<String> admin(String path) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port(ADMIN) + path))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** Sends a SIGTERM. */
    public void terminate() {
        process.destroy();
    }

    /** Waits for the end of the process and returns its exit code. */
    public int exitCode() throws InterruptedException {
        assertThat(process.waitFor(TestTimeout.SECONDS, TimeUnit.SECONDS))
                .as("the process has ended")
                .isTrue();
        return process.exitValue();
    }

    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }
}

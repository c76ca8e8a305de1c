package io.crowfly.balancer.testbed;

import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;

import io.netty.pkitesting.X509Bundle;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import redis.embedded.core.ExecutableProvider;

/**
 * A redis-server on loopback without persistence: it starts empty each time. The program is the one on the {@code
 * PATH}, or else the binary in the jar of {@code embedded-redis}.
 */
public final class RedisServer implements AutoCloseable {

    private final Path directory;
    private final int port;
    private final List<String> options = new ArrayList<>();
    private Process process;

    /** Reserves a port without starting the server. */
    public RedisServer(Path directory) throws IOException {
        this.directory = directory;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
    }

    /** Accepts TLS only, from its next start on. */
    public void useTls(X509Bundle certificate) throws IOException {
        Path chain = Files.writeString(directory.resolve("redis.crt"), certificate.getCertificatePathPEM());
        Path key = Files.writeString(directory.resolve("redis.key"), certificate.getPrivateKeyPEM());
        options.addAll(List.of("--port", "0", "--tls-port", String.valueOf(port), "--tls-auth-clients", "no"));
        options.addAll(List.of("--tls-cert-file", chain.toString(), "--tls-key-file", key.toString()));
        options.addAll(List.of("--tls-ca-cert-file", chain.toString()));
    }

    /** Requires a password, from its next start on. */
    public void requirePassword(String password) {
        options.addAll(List.of("--requirepass", password));
    }

    public String url() {
        return "redis://127.0.0.1:" + port;
    }

    public int port() {
        return port;
    }

    public void start() throws IOException {
        List<String> command = new ArrayList<>(List.of(Executable.PATH));
        command.addAll(List.of("--bind", "127.0.0.1", "--port", String.valueOf(port), "--dir", directory.toString()));
        command.addAll(List.of("--save", "", "--appendonly", "no"));
        command.addAll(options);
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .start();
        await().until(this::accepts);
    }

    /** Program that all servers of this JVM run. The binary is extracted only where no redis-server is installed. */
    private static final class Executable {

        static final String PATH = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .map(directory -> Path.of(directory, "redis-server"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseGet(Executable::extract)
                .toString();

        private static Path extract() {
            try {
                File directory = Files.createTempDirectory("redis").toFile();
                directory.deleteOnExit();
                return ExecutableProvider.newJarResourceProvider(directory)
                        .get()
                        .toPath();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private Path log() {
        return directory.resolve("redis.log");
    }

    private boolean accepts() throws IOException {
        if (!process.isAlive()) {
            return fail(Executable.PATH + " ended with " + process.exitValue() + ": " + Files.readString(log()));
        }
        try (Socket ignored = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Kills the server. Unlike a power failure, this closes its connections. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Suspends the server: its connections stay open, and it sends no responses. */
    public void pause() throws IOException, InterruptedException {
        signal("STOP");
    }

    public void resume() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        int exit = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()))
                .start()
                .waitFor();
        if (exit != 0) {
            fail("kill -" + name + " ended with " + exit);
        }
    }

    @Override
    public void close() throws InterruptedException {
        if (process != null) {
            kill();
        }
    }
}

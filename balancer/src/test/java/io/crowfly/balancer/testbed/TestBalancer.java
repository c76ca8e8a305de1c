package io.crowfly.balancer.testbed;

import io.crowfly.balancer.Balancer;
import io.crowfly.balancer.InvalidConfException;
import io.crowfly.conf.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A balancer on its own conf in a temporary directory. By default it has one plain listener named {@code public}, and
 * probes without a result during the test, so its backends are used in their order.
 */
public final class TestBalancer implements AutoCloseable {

    public static final String PUBLIC = "{name: public, bind: \"127.0.0.1:0\"}";

    /** Probes that never change the health of a backend. */
    public static final String UNDECIDED_PROBES =
            "{http: {path: /probe}, interval: 1h, timeout: 1h, healthy-after: 100, unhealthy-after: 100}";

    /** The parts of a conf file that tests vary. Immutable. */
    public record Setup(
            List<String> listeners,
            List<String> backends,
            List<TestBackend> testBackends,
            String probes,
            String moreYaml) {

        public static final Setup NONE = new Setup(List.of(PUBLIC), List.of(), List.of(), UNDECIDED_PROBES, "");

        public Setup backend(String name, TestBackend backend) {
            return backend(name, backend, "provider: openai");
        }

        /**
         * Adds a backend after the existing ones. Each backend has its own tier, so that the order of attempts is
         * known.
         *
         * @param moreYaml keys of a flow mapping, including {@code provider}
         */
        public Setup backend(String name, TestBackend backend, String more) {
            String url = "http://127.0.0.1:" + backend.port();
            Setup with = backend(
                    "{name: " + name + ", tier: " + (backends.size() + 1) + ", url: \"" + url + "\", " + more + "}");
            List<TestBackend> longer = new ArrayList<>(testBackends);
            longer.add(backend);
            return new Setup(listeners, with.backends, longer, probes, this.moreYaml);
        }

        public Setup backend(String entry) {
            List<String> longer = new ArrayList<>(backends);
            longer.add(entry);
            return new Setup(listeners, longer, testBackends, probes, moreYaml);
        }

        public Setup listeners(String... entries) {
            return new Setup(List.of(entries), backends, testBackends, probes, moreYaml);
        }

        public Setup probes(String flow) {
            return new Setup(listeners, backends, testBackends, flow, moreYaml);
        }

        /** @param lines further top-level keys */
        public Setup withLines(String lines) {
            return new Setup(listeners, backends, testBackends, probes, moreYaml + lines + "\n");
        }

        public String yaml() {
            return "admin: {bind: \"127.0.0.1:0\"}\n"
                    + "probes: " + probes + "\n"
                    + "listeners:\n" + items(listeners)
                    + "backends:\n" + items(backends)
                    + moreYaml;
        }

        private static String items(List<String> entries) {
            StringBuilder items = new StringBuilder();
            entries.forEach(entry -> items.append("  - ").append(entry).append('\n'));
            return items.toString();
        }
    }

    private final Balancer balancer;
    private final Path file;
    private boolean closed;

    private TestBalancer(Balancer balancer, Path file) {
        this.balancer = balancer;
        this.file = file;
    }

    /** @param directory for the conf file */
    public static TestBalancer start(Path directory, Setup setup) throws IOException, InvalidConfException {
        Path file = directory.resolve("crowfly.yaml");
        Files.writeString(file, setup.yaml());
        TestBalancer started = start(file);
        if (setup.probes.equals(UNDECIDED_PROBES)) {
            // Waits for the probes, so that none begins at the end of a short test.
            setup.testBackends.forEach(TestBackend::awaitProbe);
        }
        return started;
    }

    public static TestBalancer start(Path file) throws InvalidConfException {
        return new TestBalancer(Balancer.start(file), file);
    }

    public RawConnection client() throws IOException {
        return RawConnection.connect(port());
    }

    public int port() {
        return port("public");
    }

    public int port(String listener) {
        return balancer.port(listener);
    }

    public int adminPort() {
        return balancer.adminPort();
    }

    public Path file() {
        return file;
    }

    /** Writes the conf in place and reloads it at once. */
    public List<Problem> reload(Setup setup) throws IOException {
        Files.writeString(file, setup.yaml());
        return balancer.reload();
    }

    /** Starts a drain. The listeners are closed when this returns or soon after. */
    public void drain() {
        balancer.drain();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            balancer.close();
        }
    }
}

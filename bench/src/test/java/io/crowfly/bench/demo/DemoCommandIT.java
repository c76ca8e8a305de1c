package io.crowfly.bench.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.CommandAction;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class DemoCommandIT {

    private static final Path CONF = Path.of("..", "conf", "demo.yaml");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int demo(String... args) {
        CommandLine line = new CommandLine(DemoCommand.spec());
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        line.setExecutionStrategy(parsed -> {
            try {
                return ((CommandAction) parsed.commandSpec().userObject()).execute(parsed);
            } catch (Exception e) {
                throw new CommandLine.ExecutionException(line, "the demo broke", e);
            }
        });
        return line.execute(args);
    }

    @Test
    void trafficMovesAwayFromTheBackendThatBecomesSlow() {
        int code = demo("--conf", CONF.toString(), "--any-port", "--for", "6s");
        assertThat(out.toString()).contains("azure-demo", "google-demo", "Traffic moved away from azure-demo", "curl");
        assertThat(code).isZero();
    }

    @Test
    void namesThePortInUseAndTheRemedy(@TempDir Path directory) throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Path conf = directory.resolve("demo.yaml");
            Files.writeString(
                    conf,
                    Files.readString(DemoConf.read(CONF).onFreePorts(directory).file())
                            .replaceFirst(
                                    "url: http://127\\.0\\.0\\.1:\\d+",
                                    "url: http://127.0.0.1:" + taken.getLocalPort()));
            assertThat(demo("--conf", conf.toString(), "--for", "1s")).isEqualTo(1);
            assertThat(err.toString()).contains("Port " + taken.getLocalPort() + " (azure-demo)", "--any-port");
        }
    }

    @Test
    void reportsAMissingConfFile(@TempDir Path directory) {
        assertThat(demo("--conf", directory.resolve("none.yaml").toString())).isEqualTo(1);
        assertThat(err.toString()).contains("none.yaml", "--conf");
    }

    @Test
    void anInvalidDurationIsBadUsage() {
        assertThat(demo("--for", "soon")).isEqualTo(2);
        assertThat(err.toString()).contains("'soon' is not a duration");
    }
}

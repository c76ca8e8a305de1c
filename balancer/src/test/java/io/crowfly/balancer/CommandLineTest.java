package io.crowfly.balancer;

import static io.crowfly.balancer.RunningBalancer.conf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import picocli.CommandLine;

@ResourceLock(Resources.SYSTEM_OUT)
class CommandLineTest {

    @TempDir
    Path directory;

    private record Said(int exitCode, String out, String err) {}

    /** What commands print goes to the process's own streams, what picocli prints to the line's. */
    private static Said execute(String... args) {
        StringWriter err = new StringWriter();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream usualOut = System.out;
        PrintStream usualErr = System.err;
        ByteArrayOutputStream printedErr = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true));
        System.setErr(new PrintStream(printedErr, true));
        try {
            CommandLine line = Main.commandLine();
            line.setErr(new PrintWriter(err, true));
            line.setOut(new PrintWriter(out, true));
            int exitCode = line.execute(args);
            return new Said(exitCode, out.toString(), err + printedErr.toString());
        } finally {
            System.setOut(usualOut);
            System.setErr(usualErr);
        }
    }

    private String write(String conf) throws Exception {
        return Files.writeString(directory.resolve("crowfly.yaml"), conf).toString();
    }

    @Test
    void tellsItsCommandsWhenAskedForHelp() {
        Said said = execute("help");
        assertThat(said.exitCode()).isZero();
        assertThat(said.out()).contains("run", "check", "top");
        assertThat(execute("help", "run").out()).contains("FILE");
    }

    @Test
    void tellsItsVersion() {
        Said said = execute("--version");
        assertThat(said.exitCode()).isZero();
        assertThat(said.out()).matches("crowfly \\d+\\.\\d+\\.\\d+\\S*\\s+");
    }

    @Test
    void exitsWithTwoWhenItIsNotUnderstood() {
        assertThat(execute().exitCode()).isEqualTo(2);
        assertThat(execute("run").exitCode()).isEqualTo(2);
        assertThat(execute("rum", "crowfly.yaml").exitCode()).isEqualTo(2);
        assertThat(execute("check", "--fast", "crowfly.yaml").exitCode()).isEqualTo(2);
    }

    @Test
    void exitsWithOneAndEveryProblemWhenTheConfIsBad() throws Exception {
        String file = write(conf("http://127.0.0.1:9")
                .replace("127.0.0.1:0\"}]", "127.0.0.1\"}]")
                .replace("region: nl", "regoin: nl"));
        Said checked = execute("check", file);
        assertThat(checked.exitCode()).isEqualTo(1);
        assertThat(checked.out().lines()).hasSize(3).allMatch(line -> line.startsWith(file + ":"));
        Said run = execute("run", file);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err().lines()).hasSize(3).allMatch(line -> line.startsWith(file + ":"));
    }

    @Test
    void saysInOneLineWhatWentWrong() {
        Said said = execute("top", "127.0.0.1:1", "--once");
        assertThat(said.exitCode()).isEqualTo(1);
        assertThat(said.err()).isEqualTo("crowfly: nobody answers at http://127.0.0.1:1/backends\n");
    }

    @Test
    void topTakesNothingButAnAddressForOne() {
        for (String admin : List.of("9901", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:70000", "a b:1", "ftp://h:1")) {
            Said said = execute("top", admin, "--once");
            assertThat(said.exitCode()).as(admin).isEqualTo(2);
            assertThat(said.err()).contains("`" + admin + "` is no admin address; write host:port");
        }
    }

    @Test
    void topWritesNoEscapesWhereNoTerminalShowsThem() throws Exception {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream usual = System.out;
        System.setOut(new PrintStream(printed, true));
        CommandLine line = Main.commandLine().setErr(new PrintWriter(new StringWriter()));
        Thread top = new Thread(() -> line.execute("top", "127.0.0.1:1"));
        try {
            top.start();
            await().until(() -> printed.toString().endsWith("\n"));
            assertThat(printed.toString()).startsWith("nobody answers");
        } finally {
            top.interrupt();
            top.join();
            System.setOut(usual);
        }
    }

    @Test
    void topShowsTheBackendsOfARunningInstance() throws Exception {
        try (AdminTestBackend backend = new AdminTestBackend();
                RunningBalancer running = new RunningBalancer(directory, conf(backend.url())).untilReady()) {
            running.through("/v1/models");
            Said said = execute("top", "127.0.0.1:" + running.balancer.adminPort(), "--once");
            assertThat(said.exitCode()).isZero();
            assertThat(said.out().lines().toList()).hasSize(2);
            assertThat(said.out().lines().skip(1).findFirst().orElseThrow())
                    .matches(
                            "one +azure +westeurope +healthy +1.0 +[\\d.]+ +[\\d.-]+ +- +[\\d.]+ +0 +1 +0 +0 last probe passed");
        }
    }
}

package io.crowfly.balancer;

import static io.crowfly.balancer.testbed.RunningBalancer.conf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crowfly.balancer.testbed.Certificates;
import io.crowfly.balancer.testbed.ControllableBackend;
import io.crowfly.balancer.testbed.RunningBalancer;
import io.crowfly.balancer.testbed.TestBackend;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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

    private record CommandResult(int exitCode, String out, String err) {}

    /** Commands print to the streams of the process, picocli prints to those of the command line. */
    private static CommandResult execute(String... args) {
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
            return new CommandResult(exitCode, out.toString(), err + printedErr.toString());
        } finally {
            System.setOut(usualOut);
            System.setErr(usualErr);
        }
    }

    private String write(String conf) throws Exception {
        return Files.writeString(directory.resolve("crowfly.yaml"), conf).toString();
    }

    @Test
    void helpListsTheCommands() {
        CommandResult result = execute("help");
        assertThat(result.exitCode()).isZero();
        assertThat(result.out()).contains("run", "check", "top");
        assertThat(execute("help", "run").out()).contains("FILE");
    }

    @Test
    void printsItsVersion() {
        CommandResult result = execute("--version");
        assertThat(result.exitCode()).isZero();
        assertThat(result.out()).matches("crowfly \\d+\\.\\d+\\.\\d+\\S* \\(commit \\S+\\)\\s+");
    }

    @Test
    void exitsWithTwoOnBadUsage() {
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
        CommandResult checkResult = execute("check", file);
        assertThat(checkResult.exitCode()).isEqualTo(1);
        assertThat(checkResult.out().lines()).hasSize(3).allMatch(line -> line.startsWith(file + ":"));
        CommandResult runResult = execute("run", file);
        assertThat(runResult.exitCode()).isEqualTo(1);
        assertThat(runResult.err().lines()).hasSize(3).allMatch(line -> line.startsWith(file + ":"));
    }

    private String writeWithCertificate(Duration validity) throws Exception {
        String certificate = Certificates.write(directory, "edge", "edge.test", validity);
        return write(conf("http://127.0.0.1:9")
                .replace("${env:KEY}", "key")
                .replace("127.0.0.1:0\"}]", "127.0.0.1:0\", tls: {certificates: [" + certificate + "]}}]"));
    }

    @Test
    void checkPrintsWarningsOfAValidConf() throws Exception {
        String file = writeWithCertificate(Duration.ofDays(3));
        CommandResult result = execute("check", file);
        assertThat(result.exitCode()).isZero();
        assertThat(result.out().lines().toList())
                .satisfiesExactly(
                        warning -> assertThat(warning)
                                .startsWith(file + ":2:")
                                .contains(": warning: `edge.crt` expires at ", ", in 2 days; renew it"),
                        valid -> assertThat(valid).isEqualTo(file + ": valid"));
    }

    @Test
    void checkAndRunRefuseAnExpiredCertificate() throws Exception {
        String file = writeWithCertificate(Duration.ofDays(-1));
        for (String command : List.of("check", "run")) {
            CommandResult result = execute(command, file);
            assertThat(result.exitCode()).isEqualTo(1);
            assertThat(result.out() + result.err()).startsWith(file + ":2:").contains("`edge.crt` expired at ");
        }
    }

    @Test
    void runEndsWithThePlaceOfAnAddressThatIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            String file = write("""
                    listeners: [{name: public, bind: "127.0.0.1:0"}]
                    admin: {bind: "%s"}
                    backends: [{name: a, provider: openai, url: "http://127.0.0.1:9"}]
                    """.formatted(address));
            CommandResult result = execute("run", file);
            assertThat(result.exitCode()).isEqualTo(1);
            assertThat(result.err())
                    .contains(file + ":2:15: cannot bind " + address + ": ")
                    .contains("perhaps another instance of Crowfly")
                    .endsWith("; this process ends\n");
        }
    }

    @Test
    void checkShowsWhatAReloadWouldChange() throws Exception {
        String conf = conf("http://127.0.0.1:9").replace("${env:KEY}", "key");
        Path next = directory.resolve("next.yaml");
        try (RunningBalancer running = new RunningBalancer(directory, conf)) {
            String admin = "127.0.0.1:" + running.balancer.adminPort();
            Files.writeString(next, conf);
            assertThat(execute("check", next.toString(), "--diff", admin).out())
                    .isEqualTo("no change; secrets were not compared\n");
            Files.writeString(next, conf.replace("region: nl", "region: us") + "timeouts: {drain: 31s}\n");
            CommandResult changed = execute("check", next.toString(), "--diff", admin);
            assertThat(changed.exitCode()).isZero();
            assertThat(changed.out()).isEqualTo("~ region: nl -> us\n~ timeouts.drain: 30s -> 31s\n");
        }
        assertThat(execute("check", next.toString(), "--diff", "127.0.0.1:1").err())
                .isEqualTo("crowfly: no response from http://127.0.0.1:1/conf"
                        + "; check that an instance runs there, and that this is its `admin.bind`\n");
        assertThat(execute("check", next.toString(), "--diff", "9901").exitCode())
                .isEqualTo(2);
    }

    @Test
    void bashCompletesCommandsAndOptions() throws Exception {
        Path script = Files.writeString(
                directory.resolve("completion"), execute("completion").out());
        Process bash = new ProcessBuilder(
                        "bash",
                        "-c",
                        "source " + script + "; COMP_WORDS=(crowfly check --d); COMP_CWORD=2; _complete_crowfly;"
                                + " echo ${COMPREPLY[@]}; COMP_WORDS=(crowfly che); COMP_CWORD=1; _complete_crowfly;"
                                + " echo ${COMPREPLY[@]}")
                .start();
        assertThat(new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("--diff\ncheck\n");
    }

    @Test
    void explainsAKeyOfTheConf() {
        CommandResult result = execute("explain", "retry.attempts");
        assertThat(result.exitCode()).isZero();
        assertThat(result.out()).startsWith("routing.retry.attempts\n  type     1 to 10\n  default  `3`\n");
        assertThat(execute("explain").out().lines()).hasSizeGreaterThan(100);
        assertThat(execute("explain", "--schema").out()).startsWith("{\n").contains("\"$schema\"");
        CommandResult unknown = execute("explain", "atempts");
        assertThat(unknown.exitCode()).isEqualTo(2);
        assertThat(unknown.err()).startsWith("the conf file has no key `atempts`; did you mean `attempts`?");
    }

    @Test
    void printsAnErrorInOneLine() {
        CommandResult result = execute("top", "127.0.0.1:1", "--once");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err())
                .isEqualTo("crowfly: no response from http://127.0.0.1:1/backends"
                        + "; check that an instance runs there, and that this is its `admin.bind`\n");
    }

    @Test
    void topRefusesWhatIsNoAddress() {
        for (String admin : List.of("9901", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:70000", "a b:1", "ftp://h:1")) {
            CommandResult result = execute("top", admin, "--once");
            assertThat(result.exitCode()).as(admin).isEqualTo(2);
            assertThat(result.err()).contains("`" + admin + "` is not an admin address; write host:port");
        }
    }

    @Test
    void topWritesNoEscapesWithoutATerminal() throws Exception {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream usual = System.out;
        System.setOut(new PrintStream(printed, true));
        CommandLine line = Main.commandLine().setErr(new PrintWriter(new StringWriter()));
        Thread top = new Thread(() -> line.execute("top", "127.0.0.1:1"));
        try {
            top.start();
            await().until(() -> printed.toString().endsWith("\n"));
            assertThat(printed.toString()).startsWith("no response from");
        } finally {
            top.interrupt();
            top.join();
            System.setOut(usual);
        }
    }

    @Test
    void topSendsTheTokenOfTheAdmin() throws Exception {
        Path token = Files.writeString(directory.resolve("token"), "t-secret\n");
        String conf = conf("http://127.0.0.1:9")
                .replace("{bind: \"127.0.0.1:0\"}\n", "{bind: \"127.0.0.1:0\", token: '${file:token}'}\n");
        try (RunningBalancer running = new RunningBalancer(directory, conf)) {
            String admin = "127.0.0.1:" + running.balancer.adminPort();
            assertThat(execute("top", admin, "--once", "--token-file", token.toString())
                            .exitCode())
                    .isZero();
            CommandResult refused = execute("top", admin, "--once");
            assertThat(refused.exitCode()).isEqualTo(1);
            assertThat(refused.err())
                    .isEqualTo("crowfly: http://" + admin
                            + "/backends responds 401; give the file with its `admin.token`: --token-file FILE\n");
        }
    }

    @Test
    void whyTellsTheStoryOfOneRequest() throws Exception {
        try (ControllableBackend backend = new ControllableBackend();
                RunningBalancer running = new RunningBalancer(directory, conf(backend.url())).awaitReady()) {
            running.get("/v1/models");
            String id = running.get("/v1/models")
                    .headers()
                    .firstValue("x-request-id")
                    .orElseThrow();
            String admin = "127.0.0.1:" + running.balancer.adminPort();
            CommandResult result = execute("why", id, admin);
            assertThat(result.exitCode()).isZero();
            assertThat(result.out())
                    .startsWith("request " + id + " at ")
                    .contains("\n  GET /v1/models, 0 bytes\nrule: none\ncandidates, best first; costs within ")
                    .containsPattern("\n  one +1 +healthy +1.0 +[\\d.]+ +[\\d.]+ +[\\d.]+ +\\w+\n")
                    .containsPattern("\nattempts\n  first at one: lowest latency; 1 in flight, cost [\\d.]+ ms; "
                            + "ended: 200, first token or first byte after [\\d.]+ ms\n")
                    .containsPattern("\noutcome: status 200 after [\\d.]+ ms; head after [\\d.]+ ms; 2 bytes\n");
            CommandResult unknown = execute("why", "no-such-\u001b-id", admin);
            assertThat(unknown.exitCode()).isEqualTo(1);
            assertThat(unknown.err()).startsWith("crowfly: this instance keeps no decision for no-such-?-id; ");
        }
    }

    @Test
    void topShowsNoSecretOfATokenFileThatItCannotUse() throws Exception {
        Path lines = Files.writeString(directory.resolve("lines"), "t-secret\nt-secret\n");
        assertThat(execute("top", "127.0.0.1:1", "--once", "--token-file", lines.toString())
                        .err())
                .isEqualTo("crowfly: the token file " + lines + " must contain one line of text\n");
        assertThat(execute("top", "127.0.0.1:1", "--once", "--token-file", "no-such-file")
                        .err())
                .isEqualTo("crowfly: cannot read the token file no-such-file\n");
    }

    @Test
    void topShowsTheBackendsOfARunningInstance() throws Exception {
        try (ControllableBackend backend = new ControllableBackend();
                RunningBalancer running = new RunningBalancer(directory, conf(backend.url())).awaitReady()) {
            running.get("/v1/models");
            CommandResult result = execute("top", "127.0.0.1:" + running.balancer.adminPort(), "--once");
            assertThat(result.exitCode()).isZero();
            assertThat(result.out().lines().toList()).hasSize(2);
            assertThat(result.out().lines().skip(1).findFirst().orElseThrow())
                    .matches(
                            "one +azure +westeurope +healthy +1.0 +[\\d.]+ +[\\d.-]+ +- +[\\d.]+ +0 +1 +0 +0 last probe passed");
        }
    }

    @Test
    void topShowsEachEjectedModelBelowItsBackend() throws Exception {
        StringBuilder models = new StringBuilder();
        for (int i = 0; i < 12; i++) {
            models.append(i == 0 ? "" : ",").append("{\"model\":\"m").append(i).append("\\u001b[2J");
            models.append("\",\"cause\":\"error\",\"reason\":\"status 500\",\"msLeft\":");
            models.append(i == 0 ? "null" : "850").append('}');
        }
        String body = "[{\"name\":\"a\",\"healthy\":true,\"reason\":\"last probe passed\",\"ejectedModels\":[" + models
                + "],\"parked\":[]},{\"name\":\"b\",\"healthy\":true,\"ejectedModels\":[]}]";
        String response = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + body.length()
                + "\r\n\r\n" + body;
        try (TestBackend admin = TestBackend.respondingWith(response)) {
            List<String> lines = execute("top", "127.0.0.1:" + admin.port(), "--once")
                    .out()
                    .lines()
                    .toList();
            assertThat(lines).hasSize(14);
            assertThat(lines.get(1)).matches("a +- +- +healthy .* 0 last probe passed");
            assertThat(lines.get(2)).matches("  m0\\?\\[2J +ejected +until a probe passes: status 500");
            assertThat(lines.get(3)).matches("  m1\\?\\[2J +ejected +for 850 ms: status 500");
            assertThat(lines.get(12)).startsWith("  2 more models");
            assertThat(lines.get(13)).startsWith("b ");
        }
    }
}

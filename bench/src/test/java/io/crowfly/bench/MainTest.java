package io.crowfly.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class MainTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int crowfly(String... args) {
        CommandLine line = Main.commandLine();
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        return line.execute(args);
    }

    @Test
    void helpNamesEveryCommand() {
        assertThat(crowfly("--help")).isZero();
        assertThat(out.toString()).contains("run", "check", "demo", "bench", "simulate");
    }

    @Test
    void everyCommandShowsItsOwnHelp() {
        assertThat(crowfly("demo", "--help")).isZero();
        assertThat(out.toString()).contains("--for", "--any-port");
        assertThat(crowfly("bench", "peers", "--help")).isZero();
        assertThat(out.toString()).contains("--scenarios");
        assertThat(crowfly("simulate", "--help")).isZero();
        assertThat(out.toString()).contains("--azure", "--tls");
    }

    @Test
    void anInvalidPortIsBadUsage() {
        assertThat(crowfly("simulate", "--openai", "99999")).isEqualTo(2);
        assertThat(crowfly("simulate", "--azure", "-1")).isEqualTo(2);
        assertThat(err.toString())
                .contains("--openai: 99999 is not a port; use a number from 0 to 65535", "--azure: -1 is not a port");
    }

    @Test
    void aHeaderWithoutAValueIsBadUsage() {
        assertThat(crowfly("simulate", "--openai", "0", "--require-header", "x-project"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("--require-header: x-project is not NAME:VALUE");
    }

    @Test
    void anUnknownBenchmarkIsBadUsage() {
        assertThat(crowfly("bench", "nothing")).isEqualTo(2);
        assertThat(crowfly("bench")).isEqualTo(2);
        assertThat(crowfly("simulate")).isEqualTo(2);
        assertThat(err.toString()).contains("peers", "--google");
    }
}

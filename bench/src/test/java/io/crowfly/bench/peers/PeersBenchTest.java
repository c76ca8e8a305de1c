package io.crowfly.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.bench.process.Programs;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class PeersBenchTest {

    private final StringWriter err = new StringWriter();

    @Test
    void namesThePackageOfEachProgramThatIsMissing(@TempDir Path nothing) {
        int exit = run(Programs.on(nothing.toString()));

        assertThat(exit).isEqualTo(2);
        assertThat(err.toString())
                .contains("haproxy is not installed; on Debian: apt-get install haproxy")
                .contains("nginx is not installed; on Debian: apt-get install nginx-light")
                .contains("wrk is not installed; on Debian: apt-get install wrk")
                .contains("taskset is not installed; on Debian: apt-get install util-linux");
    }

    @Test
    void needsNoHaProxyForARunWithoutIt(@TempDir Path nothing) {
        run(Programs.on(nothing.toString()), "--peers", "crowfly,nginx");

        assertThat(err.toString()).contains("wrk is not installed").doesNotContain("haproxy is not installed");
    }

    @Test
    void refusesUnknownValues(@TempDir Path nothing) {
        assertThat(run(Programs.on(nothing.toString()), "--peers", "envoy")).isEqualTo(2);
        assertThat(run(Programs.on(nothing.toString()), "--scenarios", "small,h3"))
                .isEqualTo(2);
        assertThat(run(Programs.on(nothing.toString()), "--rounds", "many")).isEqualTo(2);
        assertThat(run(Programs.on(nothing.toString()), "--seconds", "0")).isEqualTo(2);
        assertThat(err.toString())
                .contains("unknown proxy 'envoy'")
                .contains("unknown scenario 'h3'")
                .contains("--seconds must be at least 1");
    }

    private int run(Programs programs, String... arguments) {
        return new CommandLine(PeersBench.command(programs))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }
}

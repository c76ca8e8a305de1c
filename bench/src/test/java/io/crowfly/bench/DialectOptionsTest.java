package io.crowfly.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.bench.endpoint.dialect.AccessPolicy;
import io.crowfly.bench.endpoint.dialect.EndpointDialect;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

class DialectOptionsTest {

    private static DialectOptions dialectOptions(String... args) {
        CommandSpec spec = CommandSpec.create();
        DialectOptions.OPTIONS.forEach(spec::addOption);
        CommandLine line = new CommandLine(spec);
        return new DialectOptions(line, line.parseArgs(args));
    }

    @Test
    void requiresTheDemosCredentialsByDefault() {
        assertThat(dialectOptions().azure()).isEqualTo(EndpointDialect.azure("demo-azure-key"));
        assertThat(dialectOptions().google()).isEqualTo(EndpointDialect.google("demo-google-token"));
        assertThat(dialectOptions().openai()).isEqualTo(EndpointDialect.openai());
        assertThat(dialectOptions("--azure-token", "t").azure())
                .isEqualTo(EndpointDialect.azure(AccessPolicy.open().withBearer("t")));
        assertThat(dialectOptions("--azure-token", "t", "--azure-key", "k").azure())
                .isEqualTo(EndpointDialect.azure(
                        AccessPolicy.open().withBearer("t").withApiKey("k")));
    }

    @Test
    void deploymentsAreModels() {
        assertThat(dialectOptions("--deployments", "a,b").azure())
                .isEqualTo(dialectOptions("--models", "b", "--models", "a").azure());
    }

    @Test
    void acceptsOtherPathsAndHeaders() {
        DialectOptions options = dialectOptions(
                "--openai-key",
                "k",
                "--base-path",
                "/api/paas/v4",
                "--path-prefix",
                "/gw",
                "--require-header",
                "X-Project: a:b",
                "--require-header",
                "x-other:c, d");
        assertThat(options.openai())
                .isEqualTo(EndpointDialect.openai(
                        AccessPolicy.open()
                                .withApiKey("k")
                                .withPrefix("/gw")
                                .withHeader("x-project", "a:b")
                                .withHeader("x-other", "c, d"),
                        "/api/paas/v4"));
    }

    @Test
    void vertexMayHaveOneProjectAndLocation() {
        assertThat(dialectOptions("--project", "p", "--location", "l", "--endpoint", "1")
                        .google())
                .isEqualTo(EndpointDialect.vertex(AccessPolicy.open().withBearer("demo-google-token"), "p", "l", "1"));
    }
}

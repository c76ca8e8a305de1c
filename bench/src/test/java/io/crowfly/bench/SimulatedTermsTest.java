package io.crowfly.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.bench.endpoint.Dialect;
import io.crowfly.bench.endpoint.Terms;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

class SimulatedTermsTest {

    private static SimulatedTerms terms(String... args) {
        CommandSpec spec = CommandSpec.create();
        SimulatedTerms.OPTIONS.forEach(spec::addOption);
        CommandLine line = new CommandLine(spec);
        return new SimulatedTerms(line, line.parseArgs(args));
    }

    @Test
    void asksForTheDemosCredentialsUnlessToldOtherwise() {
        assertThat(terms().azure()).isEqualTo(Dialect.azure("demo-azure-key"));
        assertThat(terms().google()).isEqualTo(Dialect.google("demo-google-token"));
        assertThat(terms().openai()).isEqualTo(Dialect.openai());
        assertThat(terms("--azure-token", "t").azure())
                .isEqualTo(Dialect.azure(Terms.open().withBearer("t")));
        assertThat(terms("--azure-token", "t", "--azure-key", "k").azure())
                .isEqualTo(Dialect.azure(Terms.open().withBearer("t").withApiKey("k")));
    }

    @Test
    void deploymentsAreModels() {
        assertThat(terms("--deployments", "a,b").azure())
                .isEqualTo(terms("--models", "b", "--models", "a").azure());
    }

    @Test
    void takesPathsAndHeadersOfItsOwn() {
        SimulatedTerms terms = terms(
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
        assertThat(terms.openai())
                .isEqualTo(Dialect.openai(
                        Terms.open()
                                .withApiKey("k")
                                .withPrefix("/gw")
                                .withHeader("x-project", "a:b")
                                .withHeader("x-other", "c, d"),
                        "/api/paas/v4"));
    }

    @Test
    void vertexMayHaveOnePlaceOnly() {
        assertThat(terms("--project", "p", "--location", "l", "--endpoint", "1").google())
                .isEqualTo(Dialect.vertex(Terms.open().withBearer("demo-google-token"), "p", "l", "1"));
    }
}

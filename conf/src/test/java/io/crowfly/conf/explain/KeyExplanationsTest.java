package io.crowfly.conf.explain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KeyExplanationsTest {

    private final KeyExplanations explanations = new KeyExplanations();

    @Test
    void saysTypeDefaultExampleAndMeaningOfAKey() {
        assertThat(explanations.of("routing.retry.attempts")).containsExactly("""
                routing.retry.attempts
                  type     1 to 10
                  default  `3`
                  example  attempts: 2
                  how many backends may be tried for one request, including the first
                """);
    }

    @Test
    void findsAKeyByTheEndOfItsPathWithOrWithoutBrackets() {
        assertThat(explanations.of("retry.attempts")).isEqualTo(explanations.of("routing.retry.attempts"));
        assertThat(explanations.of("backends.tier")).isEqualTo(explanations.of("backends[].tier"));
        assertThat(explanations.of("backends.probes.interval")).isEqualTo(explanations.of("probes.interval"));
        assertThat(explanations.of("budget"))
                .extracting(text -> text.lines().findFirst().orElseThrow())
                .containsExactly("routing.retry.budget", "routing.hedge.budget");
    }

    @Test
    void namesTheKeysOfASectionAndLeavesLinksOut() {
        assertThat(explanations.of("routing.hedge"))
                .singleElement()
                .asString()
                .contains("Details", "routing.hedge.budget")
                .doesNotContain("operations.md");
        assertThat(explanations.of("listeners")).singleElement().asString().contains("key      listeners[].bind\n");
    }

    @Test
    void suggestsAKeyForAnUnknownOne() {
        assertThat(explanations.of("routing.retry.attemps")).isEmpty();
        assertThat(explanations.suggestion("routing.retry.attemps"))
                .isEqualTo("did you mean `routing.retry.attempts`?");
        assertThat(explanations.suggestion("zebra")).isEqualTo("`crowfly explain` lists all keys");
    }

    @Test
    void listsEveryKeyInOneLine() {
        assertThat(explanations.list().lines())
                .anyMatch(line -> line.matches("timeouts\\.drain +duration, default: `30s`"))
                .allMatch(line -> line.matches("\\S+ +\\S.*"));
    }
}

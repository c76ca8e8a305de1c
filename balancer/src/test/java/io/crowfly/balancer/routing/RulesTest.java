package io.crowfly.balancer.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import io.crowfly.conf.BackendFilter;
import io.crowfly.conf.RequestCondition;
import io.crowfly.conf.Rule;
import io.crowfly.conf.value.Glob;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class RulesTest {

    private static final HeaderMatcher NO_HEADERS = (name, value) -> false;
    private static final RandomGenerator NEVER_DRAWN = () -> {
        throw new AssertionError("no rule has a share");
    };

    @Test
    void theFirstMatchingRuleHolds() {
        Rules rules = rules(path("/v1/realtime*"), path("/v1/*"), path("/v1/models"));

        assertThat(first(rules, "/v1/realtime/sessions", "")).isZero();
        assertThat(first(rules, "/v1/models", "")).isEqualTo(1);
        assertThat(first(rules, "/health", "")).isEqualTo(Rules.NONE);
    }

    @Test
    void withoutRulesNoneHolds() {
        assertThat(first(rules(), "/v1/models", "gpt-4o")).isEqualTo(Rules.NONE);
    }

    @Test
    void aQueryIsNotPartOfThePath() {
        Rules rules = rules(path("/v1/models"), path("*eu"));

        assertThat(first(rules, "/v1/models?zone=eu", "")).isZero();
        assertThat(first(rules, "/v1/files?zone=eu", "")).isEqualTo(Rules.NONE);
    }

    @Test
    void aRuleAboutModelsHoldsForRequestsThatNameOneOfThem() {
        Rules rules = rules(model("gpt-4o*"), model("*"));

        assertThat(first(rules, "/v1/x", "gpt-4o-mini")).isZero();
        assertThat(first(rules, "/v1/x", "gpt-4.1")).isEqualTo(1);
        assertThat(first(rules, "/v1/x", Rules.NO_MODEL)).isEqualTo(Rules.NONE);
    }

    @Test
    void aModelDependsOnItsSpellingUpToARuleThatHoldsForEverySpelling() {
        Rules rules = rules(path("/v1/x"), model("GPT-4o"), model("gpt*"), path("/v1/y"));

        for (String model : List.of("gpt-4O", "Gpt-3", " gpt-3", "GPT-4o-mini")) {
            assertThat(rules.modelDependsOnSpelling(model)).as(model).isTrue();
        }
        for (String model : List.of("GPT-4o", "gpt-3", "gpt-3 ", "o3", "O3", "")) {
            assertThat(rules.modelDependsOnSpelling(model)).as(model).isFalse();
        }
        assertThat(rules(path("*")).modelDependsOnSpelling("A")).isFalse();
    }

    @Test
    void anUnreadModelMatchesARuleAboutModels() {
        assertThat(first(rules(model("gpt*")), "/v1/x", Rules.UNREAD_MODEL)).isZero();
        assertThat(first(rules(model("gpt*"), model("o1")), "/v1/x", Rules.UNREAD_MODEL))
                .as("both confine it alike")
                .isZero();
        assertThat(first(rules(path("/v1/*"), model("gpt*", "a")), "/v1/x", Rules.UNREAD_MODEL))
                .as("one for all models stands before")
                .isZero();
    }

    @Test
    void anUnreadModelIsUndecidedIfRulesDiffer() {
        assertThat(first(rules(model("gpt*", "a"), model("o1", "b")), "/v1/x", Rules.UNREAD_MODEL))
                .isEqualTo(Rules.UNDECIDED);
        assertThat(first(rules(model("gpt*", "a"), path("/v1/*")), "/v1/x", Rules.UNREAD_MODEL))
                .isEqualTo(Rules.UNDECIDED);
        assertThat(first(rules(model("gpt*", "a"), path("/v2/*")), "/v1/x", Rules.UNREAD_MODEL))
                .isZero();
    }

    @Test
    void reportsWhetherAnyRuleNeedsTheModel() {
        assertThat(rules().needsModel()).isFalse();
        assertThat(rules(path("/v1/*")).needsModel()).isFalse();
        assertThat(rules(path("/v1/*"), model("gpt-4o")).needsModel()).isTrue();
    }

    @Test
    void allConditionsMustMatch() {
        RequestCondition when = new RequestCondition(
                Optional.of(new Glob("/v1/*")),
                Optional.of(new Glob("gpt-4o")),
                Map.of("x-data-zone", new Glob("eu*"), "x-tenant", new Glob("a")));
        Rules rules = rules(new Rule("all", when, anywhere(), 1));
        Map<String, List<String>> headers = Map.of("x-data-zone", List.of("us", "eu-west"), "x-tenant", List.of("a"));

        assertThat(rules.firstMatch("/v1/x", "gpt-4o", from(headers), NEVER_DRAWN))
                .isZero();
        assertThat(rules.firstMatch("/v2/x", "gpt-4o", from(headers), NEVER_DRAWN))
                .isEqualTo(Rules.NONE);
        assertThat(rules.firstMatch("/v1/x", "gpt-4", from(headers), NEVER_DRAWN))
                .isEqualTo(Rules.NONE);
        assertThat(rules.firstMatch("/v1/x", "gpt-4o", from(Map.of("x-tenant", List.of("a"))), NEVER_DRAWN))
                .isEqualTo(Rules.NONE);
    }

    @Test
    void aShareTakesThatPartAndTheOthersContinue() {
        RequestCondition every = new RequestCondition(Optional.empty(), Optional.empty(), Map.of());
        Rules rules = rules(new Rule("canary", every, anywhere(), 0.05), new Rule("half", every, anywhere(), 0.5));
        RandomGenerator random = new SplittableRandom(11);
        int requests = 100_000;
        int[] bound = new int[3];
        for (int i = 0; i < requests; i++) {
            bound[1 + rules.firstMatch("/v1/x", "", NO_HEADERS, random)]++;
        }

        assertThat(bound[1]).isCloseTo((int) (0.05 * requests), within(500));
        assertThat(bound[2]).isCloseTo((int) (0.95 * 0.5 * requests), within(1_000));
        assertThat(bound[0]).isCloseTo((int) (0.95 * 0.5 * requests), within(1_000));
    }

    @Test
    void matchingAllocatesNothing() {
        RequestCondition when = new RequestCondition(
                Optional.of(new Glob("/v1/*")), Optional.of(new Glob("gpt-*")), Map.of("x-zone", new Glob("eu")));
        Rules rules = rules(new Rule("one", when, anywhere(), 0.5), model("*-mini"), path("/none*"));
        RandomGenerator random = new SplittableRandom(11);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        HeaderMatcher euOnly = (name, value) -> value.matches("eu");
        int requests = 10_000;
        int sum = 0;
        // The first round includes one-time allocations, such as loading of classes.
        long[] allocated = new long[2];
        for (int round = 0; round < allocated.length; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < requests; i++) {
                sum += rules.firstMatch("/v1/chat/completions?a=b", "gpt-4o-mini", euOnly, random);
            }
            allocated[round] = threads.getCurrentThreadAllocatedBytes() - before;
        }

        assertThat(sum).isPositive();
        assertThat(allocated[1]).as("bytes for %s requests", requests).isLessThan(requests);
    }

    private static int first(Rules rules, String target, String model) {
        return rules.firstMatch(target, model, NO_HEADERS, NEVER_DRAWN);
    }

    private static HeaderMatcher from(Map<String, List<String>> headers) {
        return (name, value) -> headers.getOrDefault(name, List.of()).stream().anyMatch(value::matches);
    }

    private static Rules rules(Rule... rules) {
        return Rules.of(Arrays.asList(rules));
    }

    private static Rule path(String pattern) {
        RequestCondition when = new RequestCondition(Optional.of(new Glob(pattern)), Optional.empty(), Map.of());
        return new Rule(pattern, when, anywhere(), 1);
    }

    private static Rule model(String pattern, String backend) {
        BackendFilter only = new BackendFilter(Optional.empty(), Optional.empty(), Map.of(), Set.of(backend));
        return new Rule(pattern, model(pattern).condition(), only, 1);
    }

    private static Rule model(String pattern) {
        RequestCondition when = new RequestCondition(Optional.empty(), Optional.of(new Glob(pattern)), Map.of());
        return new Rule(pattern, when, anywhere(), 1);
    }

    private static BackendFilter anywhere() {
        return new BackendFilter(Optional.empty(), Optional.empty(), Map.of(), Set.of());
    }
}

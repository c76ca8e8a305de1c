package io.crowfly.conf.value;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {

    @ParameterizedTest
    @CsvSource({
        "/v1/realtime*, /v1/realtime, true",
        "/v1/realtime*, /v1/realtime/sessions, true",
        "/v1/realtime*, /v1/real, false",
        "*, '', true",
        "'', '', true",
        "'', a, false",
        "gpt-4o, gpt-4o, true",
        "gpt-4o, gpt-4o-mini, false",
        "gpt-4o, GPT-4O, false",
        "gpt-*-mini, gpt-4o-mini, true",
        "gpt-*-mini, gpt--mini, true",
        "gpt-*-mini, gpt-mini, false",
        "gpt-*-mini, gpt-4o-mini-mini, true",
        "gpt-*-mini, gpt-4o-mini-2024, false",
        "*/chat/*, /openai/chat/completions, true",
        "a.c, abc, false",
    })
    void aStarMatchesAnyCharactersAndOtherCharactersMatchThemselves(String pattern, String text, boolean matches) {
        assertThat(new Glob(pattern).matches(text)).isEqualTo(matches);
    }

    @Test
    void matchesLikeTheEquivalentRegularExpression() {
        Random random = new Random(11);
        for (int i = 0; i < 20_000; i++) {
            String pattern = word(random, "ab*", 8);
            String text = word(random, "ab", 12);
            assertThat(new Glob(pattern).matches(text))
                    .as("%s on %s", pattern, text)
                    .isEqualTo(Pattern.matches(pattern.replace("*", ".*"), text));
        }
    }

    @Test
    void matchesOnlyTheGivenLength() {
        assertThat(new Glob("/v1/models").matches("/v1/models?api-version=1", 10))
                .isTrue();
        assertThat(new Glob("*=1").matches("/v1/models?api-version=1", 10)).isFalse();
    }

    @Test
    void isExactWithoutAStar() {
        assertThat(new Glob("gpt-4o").isExact()).isTrue();
        assertThat(new Glob("gpt-4o*").isExact()).isFalse();
    }

    private static String word(Random random, String letters, int longest) {
        return random.ints(random.nextInt(longest + 1), 0, letters.length())
                .mapToObj(i -> letters.substring(i, i + 1))
                .collect(Collectors.joining());
    }
}

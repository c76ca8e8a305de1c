package io.crowfly.probes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClassesTest {

    private final List<RequestClass> forgotten = new ArrayList<>();
    private final Classes classes = new Classes(forgotten::add);

    private static RequestClass named(String model) {
        return new RequestClass(Api.CHAT_COMPLETIONS, model, true);
    }

    @Test
    void knowsAClassAgain() {
        ClassKnowledge knowledge = classes.of(named("gpt-4o"));
        classes.of(named("other"));
        assertThat(classes.of(named("gpt-4o"))).isSameAs(knowledge);
        assertThat(classes.all()).containsOnlyKeys(named("gpt-4o"), named("other"));
        assertThat(forgotten).isEmpty();
    }

    @Test
    void forgetsThoseThatWereNotSeenForLongestAndSaysSo() {
        classes.of(named("busy"));
        int madeUp = 1000;
        for (int i = 0; i < madeUp; i++) {
            classes.of(named("made-up-" + i));
            classes.of(named("busy"));
        }
        assertThat(classes.all()).hasSize(256).containsKeys(named("busy"), named("made-up-" + (madeUp - 1)));
        assertThat(forgotten)
                .hasSize(madeUp + 1 - 256)
                .startsWith(named("made-up-0"), named("made-up-1"))
                .doesNotContain(named("busy"))
                .doesNotHaveDuplicates();
    }
}

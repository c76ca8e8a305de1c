package io.crowfly.probes.forecast;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestClassesTest {

    private final List<RequestClass> evicted = new ArrayList<>();
    private final RequestClasses classes = new RequestClasses(evicted::add);

    private static RequestClass named(String model) {
        return new RequestClass(Api.CHAT_COMPLETIONS, model, true);
    }

    @Test
    void returnsTheSameStatisticsForTheSameClass() {
        ClassStatistics statistics = classes.getOrCreate(named("gpt-4o"));
        classes.getOrCreate(named("other"));
        assertThat(classes.getOrCreate(named("gpt-4o"))).isSameAs(statistics);
        assertThat(classes.all()).containsOnlyKeys(named("gpt-4o"), named("other"));
        assertThat(evicted).isEmpty();
    }

    @Test
    void evictsTheLeastRecentlyUsedClassAndReportsTheEviction() {
        classes.getOrCreate(named("busy"));
        int madeUp = 1000;
        for (int i = 0; i < madeUp; i++) {
            classes.getOrCreate(named("made-up-" + i));
            classes.getOrCreate(named("busy"));
        }
        assertThat(classes.all()).hasSize(256).containsKeys(named("busy"), named("made-up-" + (madeUp - 1)));
        assertThat(evicted)
                .hasSize(madeUp + 1 - 256)
                .startsWith(named("made-up-0"), named("made-up-1"))
                .doesNotContain(named("busy"))
                .doesNotHaveDuplicates();
    }
}

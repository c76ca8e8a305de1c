package io.crowfly.probes.forecast;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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
    void evictsTheLeastRecentlyUsedUnlistedClassAndReportsTheEviction() {
        classes.getOrCreate(named("busy"));
        int madeUp = 1000;
        for (int i = 0; i < madeUp; i++) {
            classes.getOrCreate(named("made-up-" + i));
            classes.getOrCreate(named("busy"));
        }
        assertThat(classes.all())
                .hasSize(RequestClasses.MAX_UNLISTED)
                .containsKeys(named("busy"), named("made-up-" + (madeUp - 1)));
        assertThat(evicted)
                .hasSize(madeUp + 1 - RequestClasses.MAX_UNLISTED)
                .startsWith(named("made-up-0"), named("made-up-1"))
                .doesNotContain(named("busy"))
                .doesNotHaveDuplicates();
    }

    @Test
    void unlistedNamesEvictNoListedModel() {
        classes.setListedModels(Set.of("gpt-4o"));
        classes.getOrCreate(named("gpt-4o"));
        classes.getOrCreate(named(""));
        for (int i = 0; i < 1000; i++) {
            classes.getOrCreate(named("made-up-" + i));
        }
        assertThat(classes.all()).hasSize(2 + RequestClasses.MAX_UNLISTED).containsKeys(named("gpt-4o"), named(""));
    }

    @Test
    void manyUnlistedNamesEvictNoUnlistedModelInUse() {
        ClassStatistics inUse = classes.getOrCreate(named("in-use"));
        inUse.recordResponse(100);
        inUse.recordResponse(100);
        for (int i = 0; i < 4300; i++) {
            classes.getOrCreate(named("made-up-" + i)).recordResponse(100);
        }
        assertThat(classes.getOrCreate(named("in-use"))).isSameAs(inUse);
    }

    @Test
    void aListedModelTakesThePlaceOfAnUnlistedOne() {
        Set<String> listed =
                IntStream.range(0, 300).mapToObj(i -> "listed-" + i).collect(Collectors.toSet());
        classes.setListedModels(listed);
        classes.getOrCreate(named("made-up"));
        listed.forEach(model -> classes.getOrCreate(named(model)));
        assertThat(classes.all()).hasSize(RequestClasses.MAX_CLASSES).doesNotContainKey(named("made-up"));
        assertThat(evicted).hasSize(301 - RequestClasses.MAX_CLASSES).startsWith(named("made-up"));
    }
}

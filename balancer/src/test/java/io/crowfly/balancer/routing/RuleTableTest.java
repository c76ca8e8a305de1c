package io.crowfly.balancer.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.probes.forecast.Api;
import io.crowfly.probes.forecast.ClassForecast;
import io.crowfly.probes.forecast.RequestClass;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RuleTableTest {

    private static final long SMALL = 100;
    private static final long LARGE = 10 << 20;

    private final List<String> names = new ArrayList<>();
    private final Map<RequestClass, int[]> seen = new HashMap<>();
    private final Map<RequestClass, Integer> unseen = new HashMap<>();

    RuleTableTest() {
        for (Api api : Api.values()) {
            unseen.put(new RequestClass(api, RuleTable.UNLISTED, false), named("unlisted of " + api));
        }
    }

    @Test
    void aSeenClassIsLookedUpBySize() {
        int[] bySize = everySize("gpt-4o");
        bySize[ClassForecast.NODES - 1] = named("gpt-4o, large");
        seen.put(chat("gpt-4o", true), bySize);

        assertThat(found(chat("gpt-4o", true), SMALL)).isEqualTo("gpt-4o");
        assertThat(found(chat("gpt-4o", true), LARGE)).isEqualTo("gpt-4o, large");
    }

    @Test
    void streamedAndWholeResponsesAreSeparateIfBothWereSeen() {
        seen.put(chat("gpt-4o", true), everySize("streamed"));
        seen.put(chat("gpt-4o", false), everySize("whole"));

        assertThat(found(chat("gpt-4o", true), SMALL)).isEqualTo("streamed");
        assertThat(found(chat("gpt-4o", false), SMALL)).isEqualTo("whole");
    }

    @Test
    void plansOfStreamsServeWholeResponsesToo() {
        seen.put(chat("gpt-4o", true), everySize("streamed"));
        seen.put(chat("o3", false), everySize("whole"));

        assertThat(found(chat("gpt-4o", false), LARGE)).isEqualTo("streamed");
        assertThat(found(chat("o3", true), LARGE)).isEqualTo("whole");
    }

    @Test
    void anUnseenListedModelHasItsOwnPlan() {
        unseen.put(chat("gpt-4o", false), named("listed"));

        assertThat(found(chat("gpt-4o", true), LARGE)).isEqualTo("listed");
        assertThat(found(chat("gpt-4o", false), SMALL)).isEqualTo("listed");
    }

    @Test
    void anyOtherModelIsUnlistedEvenIfSeenWithAnotherOperation() {
        seen.put(chat("gpt-4o", true), everySize("seen"));

        assertThat(found(chat("made-up", true), SMALL)).isEqualTo("unlisted of CHAT_COMPLETIONS");
        assertThat(found(new RequestClass(Api.EMBEDDINGS, "gpt-4o", true), SMALL))
                .isEqualTo("unlisted of EMBEDDINGS");
    }

    private String found(RequestClass requestClass, long bytes) {
        return names.get(new RuleTable(seen, unseen).plan(requestClass, bytes));
    }

    private static RequestClass chat(String model, boolean streamed) {
        return new RequestClass(Api.CHAT_COMPLETIONS, model, streamed);
    }

    private int[] everySize(String name) {
        int[] bySize = new int[ClassForecast.NODES];
        Arrays.fill(bySize, named(name));
        return bySize;
    }

    /** Returns the number of the plan with this name. */
    private int named(String name) {
        names.add(name);
        return names.size() - 1;
    }
}

package io.crowfly.probes;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.probes.forecast.Api;
import io.crowfly.probes.forecast.RequestClass;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ClassMapTest {

    private static final RequestClass A = new RequestClass(Api.CHAT_COMPLETIONS, "a", true);
    private static final RequestClass B = new RequestClass(Api.CHAT_COMPLETIONS, "b", true);
    private static final RequestClass C = new RequestClass(Api.RESPONSES, "a", false);

    private final ClassIndex index = new ClassIndex(Set.of(A, B, C));

    private ClassMap<String> map() {
        String[] values = new String[3];
        values[index.numbers().get(A)] = "first";
        values[index.numbers().get(C)] = "third";
        return new ClassMap<>(index, values);
    }

    @Test
    void isEqualToAnOrdinaryMap() {
        assertThat(map()).isEqualTo(Map.of(A, "first", C, "third")).hasSize(2);
        assertThat(Map.of(A, "first", C, "third")).isEqualTo(map());
        assertThat(map().hashCode()).isEqualTo(Map.of(A, "first", C, "third").hashCode());
    }

    @Test
    void hasOnlyTheClassesWithAValue() {
        assertThat(map()).containsKeys(A, C).doesNotContainKey(B);
        assertThat(map().getOrDefault(A, "none")).isEqualTo("first");
        assertThat(map().getOrDefault(B, "none")).isEqualTo("none");
        assertThat(map().getOrDefault(new RequestClass(Api.OTHER, "a", true), "none"))
                .isEqualTo("none");
    }

    @Test
    void isCopiedOnlyIfItIsAnotherMap() {
        ClassMap<String> map = map();
        assertThat(ClassMap.copyOf(map)).isSameAs(map);
        assertThat(ClassMap.copyOf(Map.of(A, "first"))).isEqualTo(Map.of(A, "first"));
    }
}

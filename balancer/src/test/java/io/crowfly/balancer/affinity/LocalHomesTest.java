package io.crowfly.balancer.affinity;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocalHomesTest {

    private static final Duration HOUR = Duration.ofHours(1);

    private final AtomicLong nanos = new AtomicLong();
    private final LocalHomes homes = new LocalHomes(HOUR, 1000, nanos::get);

    @Test
    void knowsWhatItHasLearned() {
        homes.learn("resp_1", "azure");
        homes.learn("file-1", "google");

        assertThat(homes.known("resp_1")).contains("azure");
        assertThat(homes.known("file-1")).contains("google");
        assertThat(homes.known("resp_2")).isEmpty();
    }

    @Test
    void believesWhatItHasLearnedLast() {
        homes.learn("resp_1", "azure");
        homes.learn("resp_1", "google");

        assertThat(homes.known("resp_1")).contains("google");
    }

    @Test
    void keepsOneCopyOfABackendsName() {
        homes.learn("resp_1", new String("azure"));
        homes.learn("resp_2", new String("azure"));

        assertThat(homes.known("resp_1").orElseThrow())
                .isSameAs(homes.known("resp_2").orElseThrow());
    }

    @Test
    void forgetsWhatHasNotBeenSeenForTheTimeToLive() {
        homes.learn("seen", "azure");
        homes.learn("unseen", "azure");

        pass(HOUR.dividedBy(2));
        assertThat(homes.known("seen")).isPresent();
        pass(HOUR.dividedBy(2));

        assertThat(homes.known("seen")).isPresent();
        assertThat(homes.known("unseen")).isEmpty();
    }

    @Test
    void doesNotRememberLongerWhatIsOnlyPeekedAt() {
        homes.learn("resp_1", "azure");

        pass(HOUR.dividedBy(2));
        assertThat(homes.peek("resp_1")).contains("azure");
        pass(HOUR.dividedBy(2));

        assertThat(homes.peek("resp_1")).isEmpty();
    }

    @Test
    void remembersNoMoreIdsThanItMay() {
        IntStream.range(0, 10_000).forEach(i -> homes.learn("resp_" + i, "azure"));

        assertThat(homes.latest(10_000)).hasSizeLessThanOrEqualTo(1000);
    }

    @Test
    void keepsWhatItKnowsWhenItsBoundsChange() {
        homes.learn("resp_1", "azure");

        homes.bound(HOUR.multipliedBy(2), 10);
        pass(HOUR.plusMinutes(30));
        assertThat(homes.known("resp_1")).contains("azure");

        IntStream.range(0, 1000).forEach(i -> homes.learn("file-" + i, "azure"));
        assertThat(homes.latest(1000)).hasSizeLessThanOrEqualTo(10);
    }

    @Test
    void givesTheLatestFirst() {
        IntStream.range(0, 5).forEach(i -> {
            homes.learn("resp_" + i, "azure");
            pass(Duration.ofSeconds(1));
        });

        assertThat(homes.latest(2)).containsExactly("resp_4", "resp_3");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "a\r\nSET x y", "bl\u00e5b\u00e6r", "a\u0000", "a\u007f"})
    void takesNothingForAnIdThatNoCloudGives(String id) {
        homes.learn(id, "azure");

        assertThat(homes.known(id)).isEmpty();
    }

    @Test
    void knowsWhoGaveOutASecretByItsDigest() {
        homes.learnSecret("ek_1", "azure");

        assertThat(homes.known(Ids.ofSecret("ek_1"))).contains("azure");
        assertThat(homes.known("ek_1")).isEmpty();
        assertThat(homes.latest(10)).containsExactly(Ids.ofSecret("ek_1"));
    }

    @Test
    void nobodyTeachesItASecretByNamingItsDigest() {
        homes.learn(Ids.ofSecret("ek_1"), "azure");

        assertThat(homes.known(Ids.ofSecret("ek_1"))).isEmpty();
    }

    @Test
    void takesIdsUpToABoundedLength() {
        homes.learn("i".repeat(128), "azure");
        homes.learn("i".repeat(129), "azure");

        assertThat(homes.known("i".repeat(128))).isPresent();
        assertThat(homes.known("i".repeat(129))).isEmpty();
    }

    @Test
    void answersOnTheExecutorOfWhoAsks() {
        homes.learn("resp_1", "azure");
        Queue<Runnable> tasks = new ArrayDeque<>();
        List<Optional<String>> told = new ArrayList<>();

        homes.ask("resp_1", tasks::add, told::add);
        homes.ask("resp_2", tasks::add, told::add);

        assertThat(told).isEmpty();
        tasks.forEach(Runnable::run);
        assertThat(told).containsExactly(Optional.of("azure"), Optional.empty());
        assertThat(homes.shared()).isFalse();
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }
}

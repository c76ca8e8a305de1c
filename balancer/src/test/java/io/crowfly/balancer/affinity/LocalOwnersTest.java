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

class LocalOwnersTest {

    private static final Duration HOUR = Duration.ofHours(1);

    private final AtomicLong nanos = new AtomicLong();
    private final LocalOwners owners = new LocalOwners(HOUR, 1000, nanos::get);

    @Test
    void returnsRecordedOwners() {
        owners.recordOwner("resp_1", "azure");
        owners.recordOwner("file-1", "google");

        assertThat(owners.knownOwner("resp_1")).contains("azure");
        assertThat(owners.knownOwner("file-1")).contains("google");
        assertThat(owners.knownOwner("resp_2")).isEmpty();
    }

    @Test
    void returnsTheOwnerRecordedLast() {
        owners.recordOwner("resp_1", "azure");
        owners.recordOwner("resp_1", "google");

        assertThat(owners.knownOwner("resp_1")).contains("google");
    }

    @Test
    void keepsOneCopyOfABackendsName() {
        owners.recordOwner("resp_1", new String("azure"));
        owners.recordOwner("resp_2", new String("azure"));

        assertThat(owners.knownOwner("resp_1").orElseThrow())
                .isSameAs(owners.knownOwner("resp_2").orElseThrow());
    }

    @Test
    void forgetsIdsThatAreNotUsedForTheTimeToLive() {
        owners.recordOwner("seen", "azure");
        owners.recordOwner("unseen", "azure");

        pass(HOUR.dividedBy(2));
        assertThat(owners.knownOwner("seen")).isPresent();
        pass(HOUR.dividedBy(2));

        assertThat(owners.knownOwner("seen")).isPresent();
        assertThat(owners.knownOwner("unseen")).isEmpty();
    }

    @Test
    void aPeekDoesNotExtendTheTimeToLive() {
        owners.recordOwner("resp_1", "azure");

        pass(HOUR.dividedBy(2));
        assertThat(owners.peekOwner("resp_1")).contains("azure");
        pass(HOUR.dividedBy(2));

        assertThat(owners.peekOwner("resp_1")).isEmpty();
    }

    @Test
    void remembersNoMoreIdsThanTheLimit() {
        IntStream.range(0, 10_000).forEach(i -> owners.recordOwner("resp_" + i, "azure"));

        assertThat(owners.latestIds(10_000)).hasSizeLessThanOrEqualTo(1000);
    }

    @Test
    void keepsEntriesWithinTheNewLimits() {
        owners.recordOwner("resp_1", "azure");

        owners.setLimits(HOUR.multipliedBy(2), 10);
        pass(HOUR.plusMinutes(30));
        assertThat(owners.knownOwner("resp_1")).contains("azure");

        IntStream.range(0, 1000).forEach(i -> owners.recordOwner("file-" + i, "azure"));
        assertThat(owners.latestIds(1000)).hasSizeLessThanOrEqualTo(10);
    }

    @Test
    void returnsTheLatestIdsFirst() {
        IntStream.range(0, 5).forEach(i -> {
            owners.recordOwner("resp_" + i, "azure");
            pass(Duration.ofSeconds(1));
        });

        assertThat(owners.latestIds(2)).containsExactly("resp_4", "resp_3");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "a\r\nSET x y", "bl\u00e5b\u00e6r", "a\u0000", "a\u007f"})
    void rejectsIdsThatNoCloudCreates(String id) {
        owners.recordOwner(id, "azure");

        assertThat(owners.knownOwner(id)).isEmpty();
    }

    @Test
    void findsTheOwnerOfASecretByItsDigest() {
        owners.recordSecretOwner("ek_1", "azure");

        assertThat(owners.knownOwner(StateIdFormat.fromSecret("ek_1"))).contains("azure");
        assertThat(owners.knownOwner("ek_1")).isEmpty();
        assertThat(owners.latestIds(10)).containsExactly(StateIdFormat.fromSecret("ek_1"));
    }

    @Test
    void aDigestInAResponseSetsNoOwner() {
        owners.recordOwner(StateIdFormat.fromSecret("ek_1"), "azure");

        assertThat(owners.knownOwner(StateIdFormat.fromSecret("ek_1"))).isEmpty();
    }

    @Test
    void acceptsIdsUpToTheMaximumLength() {
        owners.recordOwner("i".repeat(128), "azure");
        owners.recordOwner("i".repeat(129), "azure");

        assertThat(owners.knownOwner("i".repeat(128))).isPresent();
        assertThat(owners.knownOwner("i".repeat(129))).isEmpty();
    }

    @Test
    void completesLookupsOnTheCallersExecutor() {
        owners.recordOwner("resp_1", "azure");
        Queue<Runnable> tasks = new ArrayDeque<>();
        List<Optional<String>> received = new ArrayList<>();

        owners.lookUp("resp_1", tasks::add, received::add);
        owners.lookUp("resp_2", tasks::add, received::add);

        assertThat(received).isEmpty();
        tasks.forEach(Runnable::run);
        assertThat(received).containsExactly(Optional.of("azure"), Optional.empty());
        assertThat(owners.shared()).isFalse();
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }
}

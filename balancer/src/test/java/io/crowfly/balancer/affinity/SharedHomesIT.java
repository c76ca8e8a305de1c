package io.crowfly.balancer.affinity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.crowfly.balancer.testbed.CapturedLog;
import io.crowfly.balancer.testbed.Certificates;
import io.crowfly.conf.Secret;
import io.crowfly.conf.State;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A fleet and a real Redis that comes and goes. */
class SharedHomesIT {

    private static final Duration TTL = Duration.ofHours(1);

    @TempDir
    Path directory;

    private final ExecutorService executor = Executors.newSingleThreadExecutor();
    private final List<SharedHomes> fleet = new ArrayList<>();
    private RedisServer redis;

    @BeforeEach
    void setUp() throws IOException {
        redis = new RedisServer(directory);
    }

    @AfterEach
    void tearDown() throws InterruptedException {
        fleet.forEach(SharedHomes::close);
        redis.close();
        executor.shutdownNow();
    }

    @Test
    void whatOneInstanceLearnsAnotherFinds() throws IOException {
        redis.start();
        SharedHomes one = reachable(instance());
        SharedHomes other = reachable(instance());

        one.learn("resp_1", "azure");
        one.learn("not an id", "azure");
        await().until(() -> one.learned() == 1);

        assertThat(other.known("resp_1")).isEmpty();
        assertThat(ask(other, "resp_1")).contains("azure");
        assertThat(other.known("resp_1")).contains("azure");
        assertThat(ask(other, "resp_2")).isEmpty();
        assertThat(ask(other, "not an id")).isEmpty();
        assertThat(other.asked()).isEqualTo(2);
        assertThat(other.answered()).isEqualTo(2);
        assertThat(other.unanswered()).isZero();
    }

    @Test
    void requestsGoOnWhileRedisIsKilledAndWhatWasLearnedIsFoundAfterwardsThoughItHasForgotten() throws Exception {
        redis.start();
        SharedHomes one = reachable(instance());
        SharedHomes other = reachable(instance());
        for (int i = 0; i < 1000; i++) {
            one.learn("before_" + i, "azure");
        }
        await().until(() -> one.learned() == 1000);
        Load load = new Load(one, other);

        await().until(() -> load.found.get() > 100);
        redis.kill();
        await().until(() -> !one.reachable() && !other.reachable());
        int asked = load.answers.get();
        await().until(() -> load.answers.get() > asked + 1000);
        one.learn("away", "google");
        assertThat(one.known("before_0")).contains("azure");
        redis.start();
        reachable(one);
        reachable(other);
        load.stop();

        SharedHomes fresh = reachable(instance());
        awaitFound(fresh, "away", "google");
        await().until(() ->
                IntStream.range(0, 1000).allMatch(i -> ask(fresh, "before_" + i).equals(Optional.of("azure"))));
        assertThat(load.answers.get()).isEqualTo(load.asks.get());
    }

    @Test
    void nobodyWaitsForARedisThatDoesNotAnswer() throws Exception {
        redis.start();
        SharedHomes one = reachable(instance());
        SharedHomes other = reachable(instance());
        Load load = new Load(one, other);
        await().until(() -> load.found.get() > 100);

        try (CapturedLog log = new CapturedLog(RedisLink.class.getName())) {
            redis.halt();
            one.learn("halted", "azure");
            // A connection that is silent is given up, though nothing tells of its end.
            await().until(() -> log.lines(Level.WARN).size() == 2);
        }
        int asked = load.answers.get();
        await().until(() -> load.answers.get() > asked + 1000);
        redis.proceed();
        load.stop();

        assertThat(load.answers.get()).isEqualTo(load.asks.get());
        reachable(other);
        awaitFound(other, "halted", "azure");
    }

    @Test
    void givesUpTheOldestOfWhatRedisWasNotThereToBeTold() {
        SharedHomes one = instance();

        for (int i = 0; i < WriteBehind.MAX_BACKLOG + 10; i++) {
            one.learn("resp_" + i, "azure");
        }

        assertThat(one.lost()).isEqualTo(10);
        assertThat(one.known("resp_0")).contains("azure");
    }

    @Test
    void tellsARedisThatComesLaterWhatItHasLearnedBefore() throws IOException {
        SharedHomes one = instance();
        one.learn("resp_1", "azure");
        assertThat(ask(one, "resp_2")).isEmpty();
        assertThat(one.unanswered()).isEqualTo(1);
        assertThat(one.reachable()).isFalse();

        redis.start();

        awaitFound(reachable(instance()), "resp_1", "azure");
    }

    @Test
    void whatIsSaidAgainDoesNotReplaceWhatAnotherHasLearnedSince() throws Exception {
        redis.start();
        LocalHomes stale = new LocalHomes(TTL, 1000);
        stale.learn("resp_1", "azure");
        SharedHomes newer = reachable(instance());
        newer.learn("resp_1", "google");
        await().until(() -> newer.learned() == 1);

        SharedHomes older = reachable(instance(stale, url()));
        await().until(() -> older.learned() == 1);

        assertThat(ask(reachable(instance()), "resp_1")).contains("google");
    }

    @Test
    void showsAPasswordToRedisAndToNobodyElse() throws Exception {
        redis = new RedisServer(directory, "--requirepass", "open-sesame");
        redis.start();
        Logger lettuce = (Logger) LoggerFactory.getLogger("io.lettuce");
        // Its trace, which no setting of ours turns on, shows every byte that it sends.
        lettuce.setLevel(Level.DEBUG);
        try (CapturedLog log = new CapturedLog(org.slf4j.Logger.ROOT_LOGGER_NAME)) {
            SharedHomes right = reachable(instance("redis://:open-sesame@127.0.0.1:" + redis.port()));
            SharedHomes wrong = instance("redis://:open-barley@127.0.0.1:" + redis.port());
            await().until(() -> log.lines(Level.WARN), lines -> lines.stream()
                    .anyMatch(line -> line.contains("WRONGPASS")));

            assertThat(wrong.reachable()).isFalse();
            assertThat(Stream.of(Level.DEBUG, Level.INFO, Level.WARN, Level.ERROR)
                            .flatMap(level -> log.lines(level).stream()))
                    .isNotEmpty()
                    .noneMatch(line -> line.contains("open-sesame") || line.contains("open-barley"));
            assertThat(right + " " + wrong).doesNotContain("open-sesame", "open-barley");
        } finally {
            lettuce.setLevel(null);
        }
    }

    @Test
    void speaksTlsWithARedisThatTheJvmTrustsByItsName() throws Exception {
        redis.useTls(Certificates.certificate("localhost", Certificates.CA));
        redis.start();
        String trustStore = directory.resolve("trusted.p12").toString();
        try (OutputStream out = new FileOutputStream(trustStore)) {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("ca", Certificates.CA.getCertificate());
            trusted.store(out, "changeit".toCharArray());
        }
        try (CapturedLog log = new CapturedLog(RedisLink.class.getName())) {
            instance("rediss://localhost:" + redis.port());
            await().until(() -> log.lines(Level.WARN).size() == 1);

            System.setProperty("javax.net.ssl.trustStore", trustStore);
            System.setProperty("javax.net.ssl.trustStorePassword", "changeit");
            reachable(instance("rediss://localhost:" + redis.port()));
            instance("rediss://127.0.0.1:" + redis.port());
            await().until(() -> log.lines(Level.WARN).size() == 2);
        } finally {
            System.clearProperty("javax.net.ssl.trustStore");
            System.clearProperty("javax.net.ssl.trustStorePassword");
        }
    }

    @Test
    void doesNotShowAUrlThatIsNone() {
        assertThatThrownBy(() -> instance("http://:open-sesame@localhost"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasNoCause()
                .hasMessageNotContaining("sesame");
    }

    @Test
    void aReloadKeepsWhatIsKnownAndAConnectionThatIsStillWanted() throws Exception {
        redis.start();
        State state = new State(Optional.empty(), TTL, 1000, Optional.of(conf(url())));
        try (Affinity affinity = new Affinity()) {
            affinity.prepare(State.DEFAULT).homes().learn("resp_1", "azure");
            affinity.prepare(state).commit();
            SharedHomes before = affinity.shared().orElseThrow();
            reachable(before);

            State elsewhere = new State(Optional.of("azure"), TTL, 10, state.redis());
            affinity.prepare(elsewhere).commit();
            assertThat(affinity.shared()).containsSame(before);
            awaitFound(reachable(instance()), "resp_1", "azure");

            affinity.prepare(new State(Optional.empty(), TTL.plusHours(1), 1000, state.redis()))
                    .commit();
            assertThat(affinity.shared().orElseThrow()).isNotSameAs(before);
            await().until(() -> !before.reachable());
            assertThat(ask(before, "resp_2")).isEmpty();

            Affinity.Prepared alone = affinity.prepare(State.DEFAULT);
            alone.commit();
            assertThat(affinity.shared()).isEmpty();
            assertThat(alone.homes().known("resp_1")).contains("azure");
        }
    }

    private String url() {
        return "redis://127.0.0.1:" + redis.port();
    }

    private static State.Redis conf(String url) {
        return new State.Redis(new Secret(url), Duration.ofMillis(100));
    }

    private SharedHomes instance() {
        return instance(url());
    }

    private SharedHomes instance(String url) {
        return instance(new LocalHomes(TTL, 1_000_000), url);
    }

    private SharedHomes instance(LocalHomes local, String url) {
        SharedHomes homes = new SharedHomes(local, conf(url), TTL);
        homes.start();
        fleet.add(homes);
        return homes;
    }

    private static SharedHomes reachable(SharedHomes homes) {
        await().until(homes::reachable);
        return homes;
    }

    private Optional<String> ask(SharedHomes homes, String id) {
        CompletableFuture<Optional<String>> told = new CompletableFuture<>();
        homes.ask(id, executor, told::complete);
        return told.orTimeout(10, TimeUnit.SECONDS).join();
    }

    private void awaitFound(SharedHomes homes, String id, String backend) {
        await().until(() -> ask(homes, id).equals(Optional.of(backend)));
    }

    /** Learns on one instance and asks another, over and over, and counts the answers. */
    private final class Load {

        /** Answers that may be awaited at a time; as many requests as there are in flight. */
        private static final int CONCURRENCY = 32;

        final AtomicInteger asks = new AtomicInteger();
        final AtomicInteger answers = new AtomicInteger();
        final AtomicInteger found = new AtomicInteger();

        private final AtomicBoolean stopped = new AtomicBoolean();
        private final ExecutorService thread = Executors.newSingleThreadExecutor();
        private final Future<?> running;

        Load(SharedHomes learner, SharedHomes asker) {
            running = thread.submit(() -> {
                for (int i = 0; !stopped.get(); i++) {
                    learner.learn("load_" + i, "azure");
                    asks.incrementAndGet();
                    asker.ask("load_" + i / 2, executor, home -> {
                        found.addAndGet(home.isPresent() ? 1 : 0);
                        answers.incrementAndGet();
                    });
                    while (asks.get() - answers.get() > CONCURRENCY) {
                        LockSupport.parkNanos(100_000);
                    }
                }
            });
        }

        void stop() throws Exception {
            stopped.set(true);
            running.get(10, TimeUnit.SECONDS);
            thread.shutdown();
            await().until(() -> answers.get() == asks.get());
        }
    }
}

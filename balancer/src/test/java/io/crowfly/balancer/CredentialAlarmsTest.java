package io.crowfly.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.crowfly.balancer.credential.CredentialSource;
import io.crowfly.balancer.credential.CredentialStatus;
import io.crowfly.balancer.credential.Shown;
import io.crowfly.balancer.testbed.CapturedLog;
import io.netty.util.AsciiString;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CredentialAlarmsTest {

    private static final Instant EXPIRES = Instant.parse("2026-11-24T12:00:00Z");

    private final CapturedLog log = new CapturedLog(CredentialAlarms.class.getName());
    private final CredentialAlarms alarms = new CredentialAlarms();

    @AfterEach
    void close() {
        log.close();
    }

    private record Source(Shown now, CredentialStatus status) implements CredentialSource {
        @Override
        public void refused(Shown shown, Executor executor, Refreshed then) {}
    }

    private void lookWithToken(int failures) {
        look(new Shown.Header(AsciiString.of("authorization"), "Bearer t"), Optional.of(EXPIRES), failures);
    }

    private void lookWithoutToken(int failures) {
        look(new Shown.Missing("why"), Optional.empty(), failures);
    }

    private void look(Shown shown, Optional<Instant> expires, int failures) {
        String reason = failures == 0 ? "" : "answered 503";
        alarms.look(Map.of("a", new Source(shown, new CredentialStatus("entra", expires, failures, reason))));
    }

    @Test
    void saysNothingOfAHiccupNorOfATokenThatIsOnItsWay() {
        lookWithoutToken(0);
        lookWithToken(0);
        lookWithToken(1);
        lookWithToken(2);
        lookWithToken(0);
        assertThat(all()).isEmpty();
    }

    @Test
    void tellsOnceOfFailuresThatLastWhileThereIsTimeToMendThem() {
        for (int failures = 0; failures < 10; failures++) {
            lookWithToken(failures);
        }
        assertThat(log.lines(Level.WARN))
                .containsExactly(
                        "backend a: no new credential after 3 attempts (answered 503); the one in hand is good until "
                                + EXPIRES);
        lookWithToken(0);
        lookWithToken(0);
        assertThat(log.lines(Level.INFO)).containsExactly("backend a: its credential can be got again");
        assertThat(log.lines(Level.ERROR)).isEmpty();
    }

    @Test
    void tellsOnceThatThereIsNoCredentialLeft() {
        lookWithToken(5);
        lookWithoutToken(6);
        lookWithoutToken(7);
        assertThat(log.lines(Level.ERROR))
                .containsExactly(
                        "backend a: has no credential (answered 503); nothing can be sent there until there is one");
        lookWithToken(0);
        assertThat(log.lines(Level.INFO)).hasSize(1);
    }

    @Test
    void forgetsABackendThatIsGone() {
        lookWithoutToken(1);
        alarms.look(Map.of());
        lookWithoutToken(1);
        assertThat(log.lines(Level.ERROR)).hasSize(2);
    }

    private List<String> all() {
        return List.of(Level.INFO, Level.WARN, Level.ERROR).stream()
                .flatMap(level -> log.lines(level).stream())
                .toList();
    }
}

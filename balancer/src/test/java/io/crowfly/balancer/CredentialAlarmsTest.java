package io.crowfly.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.crowfly.balancer.credential.AttachedCredential;
import io.crowfly.balancer.credential.CredentialSource;
import io.crowfly.balancer.credential.CredentialStatus;
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

    private record StubSource(AttachedCredential current, CredentialStatus status) implements CredentialSource {
        @Override
        public void refresh(AttachedCredential refused, Executor executor, RefreshListener listener) {}
    }

    private void checkWithToken(int failures) {
        check(
                new AttachedCredential.Header(AsciiString.of("authorization"), "Bearer t"),
                Optional.of(EXPIRES),
                failures);
    }

    private void checkWithoutToken(int failures) {
        check(new AttachedCredential.Missing("why"), Optional.empty(), failures);
    }

    private void check(AttachedCredential attached, Optional<Instant> expires, int failures) {
        String reason = failures == 0 ? "" : "status 503";
        alarms.logChanges(
                Map.of("a", new StubSource(attached, new CredentialStatus("entra", expires, failures, reason))));
    }

    @Test
    void logsNothingForAFewFailuresOrATokenThatIsBeingFetched() {
        checkWithoutToken(0);
        checkWithToken(0);
        checkWithToken(1);
        checkWithToken(2);
        checkWithToken(0);
        assertThat(all()).isEmpty();
    }

    @Test
    void logsLastingFailuresOnceWhileTheCredentialIsStillValid() {
        for (int failures = 0; failures < 10; failures++) {
            checkWithToken(failures);
        }
        assertThat(log.lines(Level.WARN))
                .containsExactly(
                        "backend a: no new credential after 3 attempts (status 503); the current one is valid until "
                                + EXPIRES);
        checkWithToken(0);
        checkWithToken(0);
        assertThat(log.lines(Level.INFO)).containsExactly("backend a: a new credential was obtained");
        assertThat(log.lines(Level.ERROR)).isEmpty();
    }

    @Test
    void logsOnceThatNoCredentialIsLeft() {
        checkWithToken(5);
        checkWithoutToken(6);
        checkWithoutToken(7);
        assertThat(log.lines(Level.ERROR))
                .containsExactly(
                        "backend a: has no credential (status 503); requests cannot be sent there until one is obtained");
        checkWithToken(0);
        assertThat(log.lines(Level.INFO)).hasSize(1);
    }

    @Test
    void forgetsARemovedBackend() {
        checkWithoutToken(1);
        alarms.logChanges(Map.of());
        checkWithoutToken(1);
        assertThat(log.lines(Level.ERROR)).hasSize(2);
    }

    private List<String> all() {
        return List.of(Level.INFO, Level.WARN, Level.ERROR).stream()
                .flatMap(level -> log.lines(level).stream())
                .toList();
    }
}

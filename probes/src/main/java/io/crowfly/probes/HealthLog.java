package io.crowfly.probes;

import io.crowfly.conf.Backend;
import io.crowfly.probes.BackendSnapshot.Health;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Log lines about changes of health by probes. */
final class HealthLog {

    private static final Logger log = LoggerFactory.getLogger(Probes.class);

    private HealthLog() {}

    /** @param lastHealthy whether no backend is healthy if this one is not */
    static void logChange(Backend backend, Health from, HealthTracker to, boolean lastHealthy) {
        if (from == to.health()) {
            return;
        }
        Level level = to.health() != Health.UNHEALTHY ? Level.INFO : lastHealthy ? Level.ERROR : Level.WARN;
        log.atLevel(level)
                .log(
                        "backend {}: {} -> {}: {}{}",
                        backend.name(),
                        from,
                        to.health(),
                        to.reason(),
                        level == Level.ERROR ? "; no backend is healthy now" : "");
    }
}

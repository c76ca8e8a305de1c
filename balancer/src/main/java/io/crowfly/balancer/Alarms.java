package io.crowfly.balancer;

import io.crowfly.balancer.routing.Candidates;
import io.crowfly.balancer.routing.RoutingTable;
import io.crowfly.probes.Ranking;
import io.crowfly.probes.Standing;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log what whoever is on call must know of the backends: once as it begins, and once as it ends. Metrics have the
 * rest. Confined to one thread.
 */
final class Alarms {

    private static final Logger log = LoggerFactory.getLogger(Alarms.class);

    /** Parkings end by the second and come back with the next request: what is interrupted for less has not ended. */
    private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Set<String> ejected = new HashSet<>();

    /** When each set of backends was last seen to be in panic, by their names. */
    private final Map<String, Long> panicAtNanos = new LinkedHashMap<>();

    /** Compares what is published with what was before. */
    void look(Ranking ranking, RoutingTable table) {
        ranking.standings().forEach(this::lookForEjection);
        ejected.retainAll(ranking.standings().stream()
                .map(standing -> standing.backend().name())
                .collect(Collectors.toSet()));
        lookForPanic(table, ranking.atNanos());
    }

    private void lookForEjection(Standing standing) {
        String name = standing.backend().name();
        if (!standing.ejected()) {
            if (ejected.remove(name)) {
                log.info("backend {}: no longer ejected", name);
            }
        } else if (ejected.add(name)) {
            if (standing.unauthorized()) {
                log.error(
                        "backend {}: refuses our credential ({}); it is asked again in a minute or more, "
                                + "until somebody mends `credential` or the rights that go with it",
                        name,
                        standing.reason());
            } else {
                log.warn("backend {}: {}", name, standing.reason());
            }
        }
    }

    private void lookForPanic(RoutingTable table, long nowNanos) {
        table.panicking().forEach(candidates -> {
            String names = candidates.list().stream()
                    .map(candidate -> candidate.standing().backend().name())
                    .sorted()
                    .collect(Collectors.joining(", "));
            if (panicAtNanos.put(names, nowNanos) == null) {
                log.warn("panic: none of {} is well, requests go to the least bad; {}", names, notes(candidates));
            }
        });
        panicAtNanos.entrySet().removeIf(entry -> {
            boolean over = nowNanos - entry.getValue() > QUIET_NANOS;
            if (over) {
                log.warn("panic is over for {}", entry.getKey());
            }
            return over;
        });
    }

    private static String notes(Candidates candidates) {
        return candidates.list().stream()
                .map(candidate -> candidate.standing().backend().name() + ": " + candidate.note())
                .collect(Collectors.joining("; "));
    }
}

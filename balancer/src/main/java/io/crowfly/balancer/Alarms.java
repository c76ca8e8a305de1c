package io.crowfly.balancer;

import io.crowfly.balancer.routing.Candidates;
import io.crowfly.balancer.routing.Panic;
import io.crowfly.balancer.routing.RoutingTable;
import io.crowfly.probes.Ranking;
import io.crowfly.probes.Standing;
import io.crowfly.probes.Standing.Health;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
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

    /** Ejections end by the second and come back with the next request: what is interrupted for less has not ended. */
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
                                + "or as soon as a request or a probe shows that somebody has mended `credential`",
                        name,
                        standing.reason());
            } else {
                log.warn("backend {}: {}", name, standing.reason());
            }
        }
    }

    /** Where one that is healthy is only parked, throttled as a rule, nobody is ill. */
    private void lookForPanic(RoutingTable table, long nowNanos) {
        Map<String, List<Panic>> ill = table.panicking().stream()
                .filter(panic -> panic.candidates().list().stream()
                        .noneMatch(candidate -> candidate.standing().health() == Health.HEALTHY))
                .collect(Collectors.groupingBy(Alarms::names, LinkedHashMap::new, Collectors.toList()));
        ill.forEach((names, kinds) -> {
            if (panicAtNanos.put(names, nowNanos) == null) {
                log.warn(
                        "panic: none of {} is well{}, requests go to the least bad; {}",
                        names,
                        models(kinds),
                        notes(kinds.get(0).candidates()));
            }
        });
        panicAtNanos.entrySet().removeIf(entry -> {
            boolean over = nowNanos - entry.getValue() > QUIET_NANOS;
            if (over) {
                log.info("panic is over for {}", entry.getKey());
            }
            return over;
        });
    }

    private static String names(Panic panic) {
        return panic.candidates().list().stream()
                .map(candidate -> candidate.standing().backend().name())
                .sorted()
                .collect(Collectors.joining(", "));
    }

    private static String models(List<Panic> kinds) {
        String models = kinds.stream()
                .flatMap(kind -> kind.model().stream())
                .distinct()
                .sorted()
                .collect(Collectors.joining(", "));
        return models.isEmpty() ? "" : " for " + models;
    }

    private static String notes(Candidates candidates) {
        return candidates.list().stream()
                .map(candidate -> candidate.standing().backend().name() + ": " + candidate.note())
                .collect(Collectors.joining("; "));
    }
}

package io.crowfly.balancer;

import io.crowfly.balancer.routing.Candidates;
import io.crowfly.balancer.routing.Panic;
import io.crowfly.balancer.routing.RoutingTable;
import io.crowfly.probes.BackendSnapshot;
import io.crowfly.probes.BackendSnapshot.Health;
import io.crowfly.probes.Ranking;
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
 * Logger of events that need an operator on call: the start and the end of each backend's ejection and of each panic.
 * Metrics contain the details. Confined to one thread.
 */
public final class Alarms {

    private static final Logger log = LoggerFactory.getLogger(Alarms.class);

    /**
     * A panic is logged as ended only after this time without panic, because ejections end after seconds and may follow
     * one another.
     */
    private static final long PANIC_OVER_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Set<String> ejectedBackends = new HashSet<>();

    /**
     * When each set of backends was last in panic, in {@link System#nanoTime} time. The key is the list of the
     * backends' names.
     */
    private final Map<String, Long> panicAtNanos = new LinkedHashMap<>();

    /**
     * Logs what has changed since the previous call.
     *
     * @param table the routing table of the same ranking
     */
    void logChanges(Ranking ranking, RoutingTable table) {
        ranking.snapshots().forEach(this::logEjectionChange);
        ejectedBackends.retainAll(ranking.snapshots().stream()
                .map(snapshot -> snapshot.backend().name())
                .collect(Collectors.toSet()));
        logPanicChange(table, ranking.atNanos());
    }

    private void logEjectionChange(BackendSnapshot snapshot) {
        String name = snapshot.backend().name();
        if (!snapshot.ejected()) {
            if (ejectedBackends.remove(name)) {
                log.info("backend {}: no longer ejected", name);
            }
        } else if (ejectedBackends.add(name)) {
            if (snapshot.unauthorized()) {
                log.error(
                        "backend {}: refuses its credential ({}); correct `credential`. The backend stays ejected for "
                                + "at least a minute, or until a request or a probe succeeds",
                        name,
                        snapshot.reason());
            } else {
                log.warn("backend {}: {}", name, snapshot.reason());
            }
        }
    }

    /**
     * Logs the start and the end of panics. A panic is logged only if no backend of the set is healthy. If a healthy
     * backend has only parked the model, usually after a 429, no operator has to act.
     */
    private void logPanicChange(RoutingTable table, long nowNanos) {
        Map<String, List<Panic>> panicsByBackends = table.panics().stream()
                .filter(panic -> panic.candidates().list().stream()
                        .noneMatch(candidate -> candidate.snapshot().health() == Health.HEALTHY))
                .collect(Collectors.groupingBy(Alarms::backendNames, LinkedHashMap::new, Collectors.toList()));
        panicsByBackends.forEach((names, panics) -> {
            if (panicAtNanos.put(names, nowNanos) == null) {
                log.warn(
                        "panic: none of {} is healthy{}, requests are sent to the least bad one; {}",
                        names,
                        modelsOf(panics),
                        candidateNotes(panics.get(0).candidates()));
            }
        });
        panicAtNanos.entrySet().removeIf(entry -> {
            boolean over = nowNanos - entry.getValue() > PANIC_OVER_NANOS;
            if (over) {
                log.info("panic has ended for {}", entry.getKey());
            }
            return over;
        });
    }

    private static String backendNames(Panic panic) {
        return panic.candidates().list().stream()
                .map(candidate -> candidate.snapshot().backend().name())
                .sorted()
                .collect(Collectors.joining(", "));
    }

    private static String modelsOf(List<Panic> panics) {
        String models = panics.stream()
                .flatMap(panic -> panic.model().stream())
                .distinct()
                .sorted()
                .collect(Collectors.joining(", "));
        return models.isEmpty() ? "" : " for " + models;
    }

    private static String candidateNotes(Candidates candidates) {
        return candidates.list().stream()
                .map(candidate -> candidate.snapshot().backend().name() + ": " + candidate.note())
                .collect(Collectors.joining("; "));
    }
}

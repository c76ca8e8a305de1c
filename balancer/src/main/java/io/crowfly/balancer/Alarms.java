package io.crowfly.balancer;

import io.crowfly.balancer.routing.Candidates;
import io.crowfly.balancer.routing.Candidates.Candidate;
import io.crowfly.balancer.routing.Panic;
import io.crowfly.balancer.routing.RoutingTable;
import io.crowfly.probes.BackendSnapshot;
import io.crowfly.probes.BackendSnapshot.Health;
import io.crowfly.probes.Ranking;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logger of events that need an operator on call: the start and the end of each ejection and of each panic.
 * Metrics contain the details. Confined to one thread.
 */
public final class Alarms {

    private static final Logger log = LoggerFactory.getLogger(Alarms.class);

    /**
     * A panic is logged as ended only after this time without panic, because ejections end after seconds and may follow
     * one another.
     */
    private static final long PANIC_OVER_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** An ejected model is logged as returned only after this time, because trials end most ejections for a moment. */
    private static final long MODEL_RETURNED_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Set<String> ejectedBackends = new HashSet<>();

    /** When each model was last ejected, in {@link System#nanoTime} time. */
    private final Map<ModelKey, Long> modelEjectedAtNanos = new LinkedHashMap<>();

    /** When each panic was last observed, in {@link System#nanoTime} time. */
    private final Map<PanicKey, Long> panicAtNanos = new LinkedHashMap<>();

    /**
     * One model at one backend.
     *
     * @param model empty for all models that the conf does not list. Their names are not logged, because clients choose
     *     them
     */
    private record ModelKey(String backend, Optional<String> model) {

        String text() {
            return model.map(name -> "model " + name).orElse("a model that the conf does not list (see /backends)");
        }
    }

    /** @param backends names of all backends of the panicking kind of request */
    private record PanicKey(String backends, Optional<String> model) {}

    /**
     * Logs what has changed since the previous call.
     *
     * @param table the routing table of the same ranking
     */
    void logChanges(Ranking ranking, RoutingTable table) {
        ranking.snapshots().forEach(this::logEjectionChange);
        if (!ejectedBackends.isEmpty() || !modelEjectedAtNanos.isEmpty()) {
            forgetRemoved(ranking);
        }
        ranking.snapshots().forEach(snapshot -> logModelEjections(snapshot, ranking.atNanos()));
        logModelReturns(ranking.atNanos());
        if (!table.panics().isEmpty() || !panicAtNanos.isEmpty()) {
            logPanicChange(table, ranking.atNanos());
        }
    }

    private void forgetRemoved(Ranking ranking) {
        Set<String> backends = ranking.snapshots().stream()
                .map(snapshot -> snapshot.backend().name())
                .collect(Collectors.toSet());
        ejectedBackends.retainAll(backends);
        modelEjectedAtNanos.keySet().removeIf(key -> !backends.contains(key.backend()));
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

    private void logModelEjections(BackendSnapshot snapshot, long nowNanos) {
        if (snapshot.models().isEmpty()) {
            return;
        }
        String backend = snapshot.backend().name();
        new TreeMap<>(snapshot.models()).forEach((model, health) -> {
            if (health.isEjected()) {
                ModelKey key = new ModelKey(backend, health.listed() ? Optional.of(model) : Optional.empty());
                if (modelEjectedAtNanos.put(key, nowNanos) == null) {
                    String reason = health.ejection().get().reason();
                    log.warn("backend {}: {}: ejected: {}", backend, key.text(), reason);
                }
            }
        });
    }

    private void logModelReturns(long nowNanos) {
        modelEjectedAtNanos.entrySet().removeIf(entry -> {
            boolean returned = nowNanos - entry.getValue() > MODEL_RETURNED_NANOS;
            if (returned) {
                ModelKey key = entry.getKey();
                log.info("backend {}: {}: no longer ejected", key.backend(), key.text());
            }
            return returned;
        });
    }

    /**
     * Logs the start and the end of panics. A panic is logged only if all backends of the set are unhealthy or have
     * ejected the model. If a healthy backend has only parked the model, usually after a 429, no operator has to act.
     */
    private void logPanicChange(RoutingTable table, long nowNanos) {
        Map<String, List<Panic>> newPanics = new LinkedHashMap<>();
        for (Panic panic : table.panics()) {
            if (panic.candidates().list().stream().noneMatch(Alarms::isOnlyParked)) {
                String backends = backendNames(panic);
                if (panicAtNanos.put(new PanicKey(backends, panic.model()), nowNanos) == null) {
                    newPanics
                            .computeIfAbsent(backends, names -> new ArrayList<>())
                            .add(panic);
                }
            }
        }
        newPanics.forEach((backends, panics) -> log.warn(
                "panic: none of {} is healthy{}, requests are sent to the least bad one; {}",
                backends,
                models(panics.stream().flatMap(panic -> panic.model().stream())),
                candidateNotes(panics.get(0).candidates())));
        Map<String, List<PanicKey>> ended = panicAtNanos.entrySet().stream()
                .filter(entry -> nowNanos - entry.getValue() > PANIC_OVER_NANOS)
                .map(Map.Entry::getKey)
                .collect(Collectors.groupingBy(PanicKey::backends, LinkedHashMap::new, Collectors.toList()));
        ended.forEach((backends, keys) -> {
            log.info("panic has ended for {}{}", backends, models(keys.stream().flatMap(key -> key.model().stream())));
            panicAtNanos.keySet().removeAll(keys);
        });
    }

    private static boolean isOnlyParked(Candidate candidate) {
        return candidate.snapshot().health() == Health.HEALTHY
                && !candidate.model().isEjected();
    }

    private static String backendNames(Panic panic) {
        return panic.candidates().list().stream()
                .map(candidate -> candidate.snapshot().backend().name())
                .sorted()
                .collect(Collectors.joining(", "));
    }

    private static String models(Stream<String> names) {
        String models = names.distinct().sorted().collect(Collectors.joining(", "));
        return models.isEmpty() ? "" : " for " + models;
    }

    private static String candidateNotes(Candidates candidates) {
        return candidates.list().stream()
                .map(candidate -> candidate.snapshot().backend().name() + ": " + candidate.note())
                .collect(Collectors.joining("; "));
    }
}

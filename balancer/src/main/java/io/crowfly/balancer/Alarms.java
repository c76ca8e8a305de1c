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
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logger of events that need an operator on call: the start and the end of each ejection, of each refusal of
 * a credential, and of each panic. Metrics contain the details. Confined to one thread.
 */
public final class Alarms {

    private static final Logger log = LoggerFactory.getLogger(Alarms.class);

    /**
     * A panic with ejections is logged as ended only after this time without panic, because ejections end after seconds
     * and may follow one another. Backends that probes have made unhealthy end their panic at once.
     */
    private static final long PANIC_OVER_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** An ejected model is logged as returned only after this time, because trials end most ejections for a moment. */
    private static final long MODEL_RETURNED_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Set<String> ejectedBackends = new HashSet<>();

    /** Backends whose refusal of the credential has been logged. */
    private final Set<String> refusingBackends = new HashSet<>();

    /** When each model was last ejected, in {@link System#nanoTime} time. */
    private final Map<ModelKey, Long> modelEjectedAtNanos = new LinkedHashMap<>();

    /** Panics that have begun and are not over. */
    private final Map<PanicKey, LastPanic> lastPanics = new LinkedHashMap<>();

    /**
     * Those of {@link #lastPanics} whose beginning has been logged. The others are covered by the line of another
     * panic.
     */
    private final Set<PanicKey> loggedPanics = new HashSet<>();

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

    /**
     * Panicking kind of request.
     *
     * @param backends names of all backends that such requests may use, sorted
     */
    private record PanicKey(Set<String> backends, Optional<String> model) {

        static PanicKey of(Panic panic) {
            Set<String> backends = panic.candidates().list().stream()
                    .map(candidate -> candidate.snapshot().backend().name())
                    .collect(Collectors.toCollection(TreeSet::new));
            return new PanicKey(backends, panic.model());
        }

        /**
         * Returns whether the log line of another panic makes a line of this panic unnecessary. The other panic is for
         * the same model with more backends, of which a rule allows some; or it is for a model of the conf, and this
         * panic is for all other models.
         */
        boolean isCoveredBy(PanicKey other) {
            return !equals(other)
                    && other.backends.containsAll(backends)
                    && (other.model.equals(model) || model.isEmpty() && other.backends.equals(backends));
        }
    }

    /**
     * When a panic was last observed.
     *
     * @param atNanos in {@link System#nanoTime} time
     * @param ejected whether an ejection was one of the causes
     */
    private record LastPanic(long atNanos, boolean ejected) {

        boolean isOver(long nowNanos) {
            return nowNanos - atNanos > (ejected ? PANIC_OVER_NANOS : 0);
        }
    }

    /**
     * Logs what has changed since the previous call.
     *
     * @param table the routing table of the same ranking
     */
    void logChanges(Ranking ranking, RoutingTable table) {
        boolean anyHealthy = ranking.snapshots().stream().anyMatch(snapshot -> snapshot.health() != Health.UNHEALTHY);
        for (BackendSnapshot snapshot : ranking.snapshots()) {
            logEjectionChange(snapshot, anyHealthy);
            logCredentialChange(snapshot);
        }
        if (!ejectedBackends.isEmpty() || !refusingBackends.isEmpty() || !modelEjectedAtNanos.isEmpty()) {
            forgetRemoved(ranking);
        }
        ranking.snapshots().forEach(snapshot -> logModelEjections(snapshot, ranking.atNanos()));
        logModelReturns(ranking.atNanos());
        if (!table.panics().isEmpty() || !lastPanics.isEmpty()) {
            logPanicChange(table, ranking.atNanos());
        }
    }

    private void forgetRemoved(Ranking ranking) {
        Set<String> backends = ranking.snapshots().stream()
                .map(snapshot -> snapshot.backend().name())
                .collect(Collectors.toSet());
        ejectedBackends.retainAll(backends);
        refusingBackends.retainAll(backends);
        modelEjectedAtNanos.keySet().removeIf(key -> !backends.contains(key.backend()));
    }

    private void logEjectionChange(BackendSnapshot snapshot, boolean anyHealthy) {
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
            } else if (anyHealthy) {
                log.warn("backend {}: {}", name, snapshot.reason());
            } else {
                log.error("backend {}: {}; no backend is healthy now", name, snapshot.reason());
            }
        }
    }

    /** Logs when a backend's probes are rejected with status 401, and when it accepts its credential again. */
    private void logCredentialChange(BackendSnapshot snapshot) {
        String name = snapshot.backend().name();
        if (snapshot.unauthorized()) {
            boolean newlyRefusing = snapshot.health() == Health.UNHEALTHY && refusingBackends.add(name);
            if (newlyRefusing && !snapshot.ejected()) {
                log.error(
                        "backend {}: its probes are refused ({}); correct `credential`, or the path of the probe. The "
                                + "backend gets no requests until its probes pass",
                        name,
                        snapshot.reason());
            }
        } else if (refusingBackends.remove(name) && snapshot.health() == Health.HEALTHY) {
            log.info("backend {}: its credential is accepted again", name);
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
        Map<PanicKey, List<Panic>> panics = new LinkedHashMap<>();
        for (Panic panic : table.panics()) {
            if (panic.candidates().list().stream().noneMatch(Alarms::isOnlyParked)) {
                panics.computeIfAbsent(PanicKey.of(panic), key -> new ArrayList<>())
                        .add(panic);
            }
        }
        panics.forEach((key, same) -> lastPanics.put(
                key, new LastPanic(nowNanos, same.stream().anyMatch(panic -> hasEjected(panic.candidates())))));
        logPanicEnds(nowNanos);
        Map<Set<String>, List<Panic>> toReport = new LinkedHashMap<>();
        panics.forEach((key, same) -> {
            if (lastPanics.keySet().stream().noneMatch(key::isCoveredBy) && loggedPanics.add(key)) {
                toReport.computeIfAbsent(key.backends(), backends -> new ArrayList<>())
                        .addAll(same);
            }
        });
        toReport.forEach((backends, same) -> log.warn(
                "panic: none of {} is healthy{}{}, requests are sent to the least bad one; {}",
                String.join(", ", backends),
                models(same.stream().flatMap(panic -> panic.model().stream())),
                rules(same),
                candidateNotes(same.get(0).candidates())));
    }

    private void logPanicEnds(long nowNanos) {
        List<PanicKey> ended = lastPanics.entrySet().stream()
                .filter(entry -> entry.getValue().isOver(nowNanos))
                .map(Map.Entry::getKey)
                .toList();
        Map<Set<String>, List<PanicKey>> toReport = ended.stream()
                .filter(loggedPanics::remove)
                .collect(Collectors.groupingBy(PanicKey::backends, LinkedHashMap::new, Collectors.toList()));
        toReport.forEach((backends, keys) -> log.info(
                "panic has ended for {}{}",
                String.join(", ", backends),
                models(keys.stream().flatMap(key -> key.model().stream()))));
        ended.forEach(lastPanics::remove);
    }

    private static boolean hasEjected(Candidates candidates) {
        return candidates.list().stream()
                .anyMatch(candidate ->
                        candidate.snapshot().ejected() || candidate.model().isEjected());
    }

    private static boolean isOnlyParked(Candidate candidate) {
        return candidate.snapshot().health() == Health.HEALTHY
                && !candidate.model().isEjected();
    }

    private static String models(Stream<String> names) {
        String models = names.distinct().sorted().collect(Collectors.joining(", "));
        return models.isEmpty() ? "" : " for " + models;
    }

    /** Returns the rules of the panics; nothing if requests without a rule are in panic too. */
    private static String rules(List<Panic> panics) {
        if (panics.stream().anyMatch(panic -> panic.candidates().rule().isEmpty())) {
            return "";
        }
        return panics.stream()
                .map(panic -> panic.candidates().rule().orElseThrow())
                .distinct()
                .collect(Collectors.joining(", ", " (rule ", ")"));
    }

    private static String candidateNotes(Candidates candidates) {
        return candidates.list().stream()
                .map(candidate -> candidate.snapshot().backend().name() + ": " + candidate.note())
                .collect(Collectors.joining("; "));
    }
}

package io.crowfly.probes;

import io.crowfly.probes.Prediction.Basis;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * Makes every backend's outlook for every class, where it has had no requests as well: then the class's service time is what
 * it is elsewhere, shifted by how much faster or slower the backend is in the classes that it does get; over the backend's
 * own network. A guess, and marked as uncertain as one.
 */
final class Outlooks {

    /** Of a guess: that much in a logarithm is a factor of 1.35 and of 1.65. */
    private static final double BY_OTHER_CLASSES = 0.3;

    private static final double BY_OTHER_BACKENDS = 0.5;

    /** Where no backend has had a request of the class: a small model's first token, give or take a factor of e. */
    private static final double ANY_LOG_SERVICE = StrictMath.log(300e6);

    private static final double ANYTHING = 1;

    private final Collection<Knowledge> backends;
    private final long nowNanos;
    private final Map<RequestClass, Level> levels = new HashMap<>();

    /** The mean over the backends that have had requests of one class. */
    private static final class Level {
        private double logService;
        private double spread;
        private int count;

        void add(FirstTokenEstimate estimate) {
            logService += estimate.level();
            spread += estimate.spread();
            count++;
        }

        /** The mean without one of them. */
        double without(FirstTokenEstimate estimate) {
            return (logService - estimate.level()) / (count - 1);
        }

        double mean() {
            return logService / count;
        }
    }

    Outlooks(Collection<Knowledge> backends, long nowNanos) {
        this.backends = backends;
        this.nowNanos = nowNanos;
        for (Knowledge backend : backends) {
            backend.live().forEach((requestClass, estimate) -> {
                if (estimate.known()) {
                    levels.computeIfAbsent(requestClass, key -> new Level()).add(estimate);
                }
            });
        }
    }

    Standing standing(Knowledge backend, Iterable<RequestClass> classes) {
        Double difference = null;
        double room = backend.room().room();
        Map<RequestClass, Outlook> outlooks = new HashMap<>();
        for (RequestClass requestClass : classes) {
            FirstTokenEstimate estimate = backend.live().get(requestClass);
            if (estimate != null && estimate.known()) {
                outlooks.put(requestClass, live(backend, requestClass, estimate, room));
            } else if (levels.containsKey(requestClass)) {
                if (difference == null) {
                    difference = difference(backend);
                }
                outlooks.put(requestClass, guess(backend, requestClass, difference, room));
            }
        }
        return backend.standing(outlooks, otherwise(backend, room), nowNanos);
    }

    private Outlook live(Knowledge backend, RequestClass requestClass, FirstTokenEstimate estimate, double room) {
        Prediction prediction = estimate.prediction(backend.networkNanos(), nowNanos);
        double hoped = StrictMath.min(estimate.ordinary(), prediction.logService() - prediction.uncertainty());
        return new Outlook(
                prediction,
                hoped,
                estimate.observedAtNanos(),
                backend.returnedAtNanos(requestClass, nowNanos),
                estimate.ordinary(),
                estimate.usualLoad(),
                room(estimate, room));
    }

    /** Slower than ordinarily by some factor, there is room for as much less: the gradient of Netflix's concurrency-limits. */
    private static double room(FirstTokenEstimate estimate, double room) {
        double slower = Math.max(0, estimate.level() - estimate.ordinary());
        return Math.max(Room.LEAST, room * StrictMath.exp(-slower));
    }

    private Outlook guess(Knowledge backend, RequestClass requestClass, double difference, double room) {
        Level elsewhere = levels.get(requestClass);
        double uncertainty = Double.isNaN(difference) ? BY_OTHER_BACKENDS : BY_OTHER_CLASSES;
        double logService = elsewhere.mean() + (Double.isNaN(difference) ? 0 : difference);
        double spread = elsewhere.spread / elsewhere.count;
        return outlook(Basis.PROBES, backend, requestClass, logService, spread, uncertainty, room);
    }

    private Outlook otherwise(Knowledge backend, double room) {
        RequestClass none = new RequestClass(Api.OTHER, "", false);
        return outlook(Basis.GUESS, backend, none, ANY_LOG_SERVICE, FirstTokenEstimate.FIRST_SPREAD, ANYTHING, room);
    }

    private Outlook outlook(
            Basis basis,
            Knowledge backend,
            RequestClass requestClass,
            double logService,
            double spread,
            double uncertainty,
            double room) {
        Prediction prediction =
                new Prediction(basis, backend.networkNanos(), logService, spread, uncertainty, ProbeTimes.ABSENT);
        return new Outlook(
                prediction,
                logService - uncertainty,
                Long.MIN_VALUE,
                backend.returnedAtNanos(requestClass, nowNanos),
                logService,
                1,
                room);
    }

    /** How a backend compares with the others in the classes that both get; NaN where there is none. */
    private double difference(Knowledge backend) {
        double sum = 0;
        int count = 0;
        for (Map.Entry<RequestClass, FirstTokenEstimate> entry : backend.live().entrySet()) {
            Level level = levels.get(entry.getKey());
            if (level != null && level.count > 1 && entry.getValue().known()) {
                sum += entry.getValue().level() - level.without(entry.getValue());
                count++;
            }
        }
        return count == 0 ? Double.NaN : sum / count;
    }
}

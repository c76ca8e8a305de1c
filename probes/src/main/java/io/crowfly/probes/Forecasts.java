package io.crowfly.probes;

import io.crowfly.probes.forecast.Api;
import io.crowfly.probes.forecast.FirstTokenEstimator;
import io.crowfly.probes.forecast.Forecast;
import io.crowfly.probes.forecast.LoadCurve;
import io.crowfly.probes.forecast.Prediction;
import io.crowfly.probes.forecast.Prediction.Basis;
import io.crowfly.probes.forecast.ProbeTimes;
import io.crowfly.probes.forecast.RequestClass;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * Makes every backend's outlook for every class, where it has had no requests as well: then the class's service time is what
 * it is elsewhere, shifted by how much faster or slower the backend is in the classes that it does get; over the backend's
 * own network. A guess, and marked as uncertain as one.
 */
final class Forecasts {

    /** Of a guess: that much in a logarithm is a factor of 1.35 and of 1.65. */
    private static final double UNCERTAINTY_BY_OTHER_CLASSES = 0.3;

    private static final double UNCERTAINTY_BY_OTHER_BACKENDS = 0.5;

    /** Where no backend has had a request of the class: a small model's first token, give or take a factor of e. */
    private static final double DEFAULT_LOG_SERVICE = StrictMath.log(300e6);

    private static final double DEFAULT_UNCERTAINTY = 1;

    private final Collection<BackendState> backends;
    private final long nowNanos;
    private final Map<RequestClass, ClassLevel> levels = new HashMap<>();

    /** The mean over the backends that have had requests of one class. */
    private static final class ClassLevel {
        private double logService;
        private double spread;
        private int count;

        void add(FirstTokenEstimator estimate) {
            logService += estimate.level();
            spread += estimate.spread();
            count++;
        }

        /** The mean without one of them. */
        double without(FirstTokenEstimator estimate) {
            return (logService - estimate.level()) / (count - 1);
        }

        double mean() {
            return logService / count;
        }
    }

    Forecasts(Collection<BackendState> backends, long nowNanos) {
        this.backends = backends;
        this.nowNanos = nowNanos;
        for (BackendState backend : backends) {
            backend.estimators().forEach((requestClass, estimate) -> {
                if (estimate.known()) {
                    levels.computeIfAbsent(requestClass, key -> new ClassLevel())
                            .add(estimate);
                }
            });
        }
    }

    BackendSnapshot snapshot(BackendState backend, Iterable<RequestClass> classes) {
        Double difference = null;
        double knee = backend.loadCurve().kneeInFlight();
        Map<RequestClass, Forecast> forecasts = new HashMap<>();
        for (RequestClass requestClass : classes) {
            FirstTokenEstimator estimate = backend.estimators().get(requestClass);
            if (estimate != null && estimate.known()) {
                forecasts.put(requestClass, liveForecast(backend, requestClass, estimate, knee));
            } else if (levels.containsKey(requestClass)) {
                if (difference == null) {
                    difference = differenceFromOthers(backend);
                }
                forecasts.put(requestClass, guessedForecast(backend, requestClass, difference, knee));
            }
        }
        return backend.snapshot(forecasts, defaultForecast(backend, knee), nowNanos);
    }

    private Forecast liveForecast(
            BackendState backend, RequestClass requestClass, FirstTokenEstimator estimate, double knee) {
        Prediction prediction = estimate.prediction(backend.networkNanos(), nowNanos);
        double optimistic =
                StrictMath.min(estimate.ordinaryLevel(), prediction.logService() - prediction.uncertainty());
        return new Forecast(
                prediction,
                optimistic,
                estimate.observedAtNanos(),
                backend.returnedAtNanos(requestClass, nowNanos),
                estimate.ordinaryLevel(),
                estimate.usualInFlight(),
                knee(estimate, knee));
    }

    /** Slower than ordinarily by some factor, there is room for as much less: the gradient of Netflix's concurrency-limits. */
    private static double knee(FirstTokenEstimator estimate, double knee) {
        double slower = Math.max(0, estimate.level() - estimate.ordinaryLevel());
        return Math.max(LoadCurve.MIN_KNEE, knee * StrictMath.exp(-slower));
    }

    private Forecast guessedForecast(BackendState backend, RequestClass requestClass, double difference, double knee) {
        ClassLevel elsewhere = levels.get(requestClass);
        double uncertainty = Double.isNaN(difference) ? UNCERTAINTY_BY_OTHER_BACKENDS : UNCERTAINTY_BY_OTHER_CLASSES;
        double logService = elsewhere.mean() + (Double.isNaN(difference) ? 0 : difference);
        double spread = elsewhere.spread / elsewhere.count;
        return forecast(Basis.PROBES, backend, requestClass, logService, spread, uncertainty, knee);
    }

    private Forecast defaultForecast(BackendState backend, double knee) {
        RequestClass noClass = new RequestClass(Api.OTHER, "", false);
        return forecast(
                Basis.GUESS,
                backend,
                noClass,
                DEFAULT_LOG_SERVICE,
                FirstTokenEstimator.INITIAL_SPREAD,
                DEFAULT_UNCERTAINTY,
                knee);
    }

    private Forecast forecast(
            Basis basis,
            BackendState backend,
            RequestClass requestClass,
            double logService,
            double spread,
            double uncertainty,
            double knee) {
        Prediction prediction =
                new Prediction(basis, backend.networkNanos(), logService, spread, uncertainty, ProbeTimes.ABSENT);
        return new Forecast(
                prediction,
                logService - uncertainty,
                Long.MIN_VALUE,
                backend.returnedAtNanos(requestClass, nowNanos),
                logService,
                1,
                knee);
    }

    /** How a backend compares with the others in the classes that both get; NaN where there is none. */
    private double differenceFromOthers(BackendState backend) {
        double sum = 0;
        int count = 0;
        for (Map.Entry<RequestClass, FirstTokenEstimator> entry :
                backend.estimators().entrySet()) {
            ClassLevel level = levels.get(entry.getKey());
            if (level != null && level.count > 1 && entry.getValue().known()) {
                sum += entry.getValue().level() - level.without(entry.getValue());
                count++;
            }
        }
        return count == 0 ? Double.NaN : sum / count;
    }
}

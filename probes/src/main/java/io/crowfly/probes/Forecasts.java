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
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Calculation of the forecast of each backend for each class of requests. For a class without requests at a
 * backend, the forecast is a guess with a large uncertainty: the backend's network part plus the class's mean service
 * time at the other backends. That service time is corrected by how much slower or faster this backend is in the
 * classes for which it has requests.
 */
final class Forecasts {

    /** Uncertainty of a guess that uses the backend's other classes, as a natural logarithm: a factor of 1.35. */
    private static final double UNCERTAINTY_BY_OTHER_CLASSES = 0.3;

    /** Uncertainty of a guess from other backends alone, as a natural logarithm: a factor of 1.65. */
    private static final double UNCERTAINTY_BY_OTHER_BACKENDS = 0.5;

    /** Service time if no backend has had a request of the class: 300 ms, typical of a small model. */
    private static final double DEFAULT_LOG_SERVICE = StrictMath.log(300e6);

    /** Uncertainty of {@link #DEFAULT_LOG_SERVICE}: a factor of e (2.7) in both directions. */
    private static final double DEFAULT_UNCERTAINTY = 1;

    private final Collection<BackendState> backends;
    private final long nowNanos;
    private Optional<Map<RequestClass, ClassLevel>> levels = Optional.empty();

    /** Backend whose {@link #difference} was computed last. */
    private @Nullable BackendState differenceOf;

    private double difference;

    /** Mean service time and spread of one class, over the backends that have had requests of the class. */
    private static final class ClassLevel {
        private double logService;
        private double spread;
        private int count;

        void add(FirstTokenEstimator estimator) {
            logService += estimator.level();
            spread += estimator.spread();
            count++;
        }

        /** Returns the mean over the other backends, without the backend of this estimator. */
        double without(FirstTokenEstimator estimator) {
            return (logService - estimator.level()) / (count - 1);
        }

        double mean() {
            return logService / count;
        }
    }

    Forecasts(Collection<BackendState> backends, long nowNanos) {
        this.backends = backends;
        this.nowNanos = nowNanos;
    }

    /** Returns the level of each class. Computed when first needed, because only guesses depend on the levels. */
    private Map<RequestClass, ClassLevel> levels() {
        if (levels.isEmpty()) {
            Map<RequestClass, ClassLevel> computed = new HashMap<>();
            for (BackendState backend : backends) {
                backend.estimators().forEach((requestClass, estimator) -> {
                    if (estimator.known()) {
                        computed.computeIfAbsent(requestClass, key -> new ClassLevel())
                                .add(estimator);
                    }
                });
            }
            levels = Optional.of(computed);
        }
        return levels.get();
    }

    /** Returns the forecast for a class with samples at the backend. */
    Forecast liveForecast(
            BackendState backend, RequestClass requestClass, FirstTokenEstimator estimator, LoadCurve curve) {
        Prediction prediction = estimator.prediction(backend.networkNanos(), nowNanos);
        double optimistic = StrictMath.min(
                estimator.ordinaryLevel(), prediction.logService() - estimator.uncertaintyWithoutLoad(nowNanos));
        return new Forecast(
                prediction,
                optimistic,
                estimator.observedAtNanos(),
                backend.health().returnedAtNanos(requestClass.model(), nowNanos),
                estimator.ordinaryLevel(),
                curve);
    }

    /** Returns the forecast for a class without samples at the backend; empty if no other backend has any. */
    Optional<Forecast> guessedForecast(BackendState backend, RequestClass requestClass, LoadCurve curve) {
        ClassLevel elsewhere = levels().get(requestClass);
        if (elsewhere == null) {
            return Optional.empty();
        }
        double difference = differenceFromOthers(backend);
        double uncertainty = Double.isNaN(difference) ? UNCERTAINTY_BY_OTHER_BACKENDS : UNCERTAINTY_BY_OTHER_CLASSES;
        double logService = elsewhere.mean() + (Double.isNaN(difference) ? 0 : difference);
        double spread = elsewhere.spread / elsewhere.count;
        return Optional.of(forecast(Basis.PROBES, backend, requestClass, logService, spread, uncertainty, curve));
    }

    /** Returns the forecast for a class without samples at any backend. */
    Forecast defaultForecast(BackendState backend, LoadCurve curve) {
        RequestClass noClass = new RequestClass(Api.OTHER, "", false);
        return forecast(
                Basis.GUESS,
                backend,
                noClass,
                DEFAULT_LOG_SERVICE,
                FirstTokenEstimator.INITIAL_SPREAD,
                DEFAULT_UNCERTAINTY,
                curve);
    }

    private Forecast forecast(
            Basis basis,
            BackendState backend,
            RequestClass requestClass,
            double logService,
            double spread,
            double uncertainty,
            LoadCurve curve) {
        Prediction prediction =
                new Prediction(basis, backend.networkNanos(), logService, spread, uncertainty, ProbeTimes.ABSENT);
        return new Forecast(
                prediction,
                logService - uncertainty,
                Long.MIN_VALUE,
                backend.health().returnedAtNanos(requestClass.model(), nowNanos),
                logService,
                curve);
    }

    private double differenceFromOthers(BackendState backend) {
        if (backend != differenceOf) {
            differenceOf = backend;
            difference = computeDifference(backend);
        }
        return difference;
    }

    /**
     * Returns the difference between the backend's level and the mean of the other backends, averaged over the classes
     * that both have; NaN without such a class.
     */
    private double computeDifference(BackendState backend) {
        double sum = 0;
        int count = 0;
        for (Map.Entry<RequestClass, FirstTokenEstimator> entry :
                backend.estimators().entrySet()) {
            ClassLevel level = levels().get(entry.getKey());
            if (level != null && level.count > 1 && entry.getValue().known()) {
                sum += entry.getValue().level() - level.without(entry.getValue());
                count++;
            }
        }
        return count == 0 ? Double.NaN : sum / count;
    }
}

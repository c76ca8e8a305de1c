package io.crowfly.probes;

import io.crowfly.probes.forecast.FirstTokenEstimator;
import io.crowfly.probes.forecast.Forecast;
import io.crowfly.probes.forecast.LoadCurve;
import io.crowfly.probes.forecast.Prediction;
import io.crowfly.probes.forecast.RequestClass;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Forecasts of one backend that were published last. A forecast is replaced if a sample has changed it, if it differs
 * by enough to matter, and from time to time, because uncertainty grows. All others stay the same objects, which shows
 * planning what has not changed. Confined to the thread of its {@link BackendState}.
 */
final class BackendForecasts {

    /** Difference of a forecast, as a natural logarithm, that does not matter: a fifth of a percent. */
    private static final double NEGLIGIBLE = 0.002;

    /** Relative difference of the network part that does not matter. It is the smaller part. */
    private static final double NEGLIGIBLE_NETWORK = 0.01;

    /** Time after which snapshots are replaced, and forecasts at the earliest, although nothing was learned. */
    static final long REFRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long MAX_REFRESH_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** Number of replacements while the age of the last sample doubles, about. */
    private static final int REFRESHES_PER_AGE = 10;

    private ClassIndex index = new ClassIndex(Set.of());
    private @Nullable Forecast[] forecasts = {};
    private long[] versions = {};
    private long[] atNanos = {};
    private Optional<Forecast> defaultForecast = Optional.empty();
    private Map<RequestClass, Forecast> map = Map.of();
    private boolean hasGuesses;

    /** Updates the forecasts for a publication. */
    void update(BackendState backend, Forecasts source, ClassIndex newest, long nowNanos) {
        boolean changed = useIndex(newest);
        hasGuesses = false;
        LoadCurve curve = backend.loadCurve().curve();
        for (int number = 0; number < newest.size(); number++) {
            RequestClass requestClass = newest.get(number);
            FirstTokenEstimator estimator = backend.estimators().get(requestClass);
            Forecast before = forecasts[number];
            Forecast after;
            if (estimator != null && estimator.known()) {
                after = isCurrent(number, backend, requestClass, estimator, curve, nowNanos)
                        ? before
                        : source.liveForecast(backend, requestClass, estimator, curve);
            } else {
                after = source.guessedForecast(backend, requestClass, curve).orElse(null);
                hasGuesses = true;
                after = isLike(before, after) ? before : after;
            }
            if (after != before) {
                forecasts[number] = after;
                versions[number] = estimator == null ? 0 : estimator.version();
                atNanos[number] = nowNanos;
                changed = true;
            }
        }
        Forecast freshDefault = source.defaultForecast(backend, curve);
        if (defaultForecast.isEmpty() || !isLike(defaultForecast.get(), freshDefault)) {
            defaultForecast = Optional.of(freshDefault);
        }
        if (changed) {
            map = new ClassMap<>(newest, forecasts.clone());
        }
    }

    /** Returns whether the forecasts are of these classes. */
    boolean isOf(ClassIndex classes) {
        return index == classes;
    }

    private boolean useIndex(ClassIndex newest) {
        if (newest == index) {
            return false;
        }
        @Nullable Forecast[] moved = new Forecast[newest.size()];
        long[] movedVersions = new long[newest.size()];
        long[] movedAtNanos = new long[newest.size()];
        Arrays.fill(movedVersions, -1);
        for (int number = 0; number < newest.size(); number++) {
            Integer former = index.numbers().get(newest.get(number));
            if (former != null) {
                moved[number] = forecasts[former];
                movedVersions[number] = versions[former];
                movedAtNanos[number] = atNanos[former];
            }
        }
        index = newest;
        forecasts = moved;
        versions = movedVersions;
        atNanos = movedAtNanos;
        return true;
    }

    private boolean isCurrent(
            int number,
            BackendState backend,
            RequestClass requestClass,
            FirstTokenEstimator estimator,
            LoadCurve curve,
            long nowNanos) {
        Forecast before = forecasts[number];
        return before != null
                && versions[number] == estimator.version()
                && nowNanos - atNanos[number] < refreshNanos(nowNanos - estimator.observedAtNanos())
                && before.loadCurve() == curve
                && Math.abs(before.prediction().logService() - estimator.level()) <= NEGLIGIBLE
                && isCloseNetwork(before.prediction().networkNanos(), backend.networkNanos())
                && before.returnedAtNanos() == backend.health().returnedAtNanos(requestClass.model(), nowNanos);
    }

    private static boolean isLike(@Nullable Forecast before, @Nullable Forecast after) {
        if (before == null || after == null) {
            return before == after;
        }
        Prediction one = before.prediction();
        Prediction other = after.prediction();
        return before.loadCurve() == after.loadCurve()
                && before.returnedAtNanos() == after.returnedAtNanos()
                && before.observedAtNanos() == after.observedAtNanos()
                && one.basis() == other.basis()
                && one.uncertainty() == other.uncertainty()
                && isCloseNetwork(one.networkNanos(), other.networkNanos())
                && Math.abs(one.logService() - other.logService()) <= NEGLIGIBLE
                && Math.abs(one.spread() - other.spread()) <= NEGLIGIBLE;
    }

    private static boolean isCloseNetwork(long one, long other) {
        return Math.abs(one - other) <= NEGLIGIBLE_NETWORK * Math.max(one, other);
    }

    /**
     * Returns the time after which a forecast is replaced: uncertainty grows in proportion to the age of the sample.
     */
    private static long refreshNanos(long sampleAgeNanos) {
        return Math.max(REFRESH_NANOS, Math.min(MAX_REFRESH_NANOS, sampleAgeNanos / REFRESHES_PER_AGE));
    }

    /** Returns the forecasts by class, the same object as before if none has changed. */
    Map<RequestClass, Forecast> map() {
        return map;
    }

    Forecast defaultForecast() {
        return defaultForecast.orElseThrow();
    }

    /** Returns whether a forecast depends on what is learned at other backends. */
    boolean hasGuesses() {
        return hasGuesses;
    }
}

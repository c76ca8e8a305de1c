package io.crowfly.balancer.routing;

import io.crowfly.probes.BackendSnapshot;
import io.crowfly.probes.BackendSnapshot.Health;
import io.crowfly.probes.ModelHealth;
import io.crowfly.probes.Parking;
import io.crowfly.probes.forecast.ClassForecast;
import io.crowfly.probes.forecast.Forecast;
import io.crowfly.probes.forecast.Prediction;
import io.crowfly.probes.forecast.RequestClass;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Data on which the plans of one class of requests depend: the forecast and the health of the class's model at each
 * backend, and the figures of the class. The {@link #version} changes when they change by enough to matter, so that a
 * plan is computed again only if it would differ. Confined to one thread.
 */
final class ClassInputs {

    private static final ClassForecast NO_FIGURES = new ClassForecast(new double[ClassForecast.NODES], 0, 0, 0);

    /**
     * Difference of a forecast, relative or as a natural logarithm, that may wait: less than half of the
     * error of a good forecast. Most samples change their forecast by less.
     */
    private static final double NEGLIGIBLE = 0.01;

    /** Relative difference of a forecast from which a plan does not pause. */
    private static final double LARGE = 0.1;

    /** Factor on that difference for the time between tokens, which counts only for {@code objective: completion}. */
    private static final double TOKENS_SCALE = 5;

    /** Time after which a forecast that hardly differs is used, because exploration depends on the time of samples. */
    private static final long SAMPLED_ACCEPT_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** The same without a new sample: only the uncertainty has grown a little. */
    private static final long ACCEPT_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final RequestClass requestClass;
    private final RankedBackends backends;
    private final @Nullable Forecast[] forecasts;
    private final ModelHealth[] models;
    private final @Nullable Parking[] parkings;
    private final Health[] healths;
    private final boolean[] ejected;
    private final String[] reasons;

    private final long[] acceptedAtNanos;

    private long nowNanos;
    private ClassForecast figures = NO_FIGURES;
    private long version;
    private long urgentVersion;

    ClassInputs(RequestClass requestClass, RankedBackends backends) {
        this.requestClass = requestClass;
        this.backends = backends;
        int count = backends.count();
        forecasts = new Forecast[count];
        models = new ModelHealth[count];
        parkings = new Parking[count];
        healths = new Health[count];
        ejected = new boolean[count];
        reasons = new String[count];
        acceptedAtNanos = new long[count];
        for (int place = 0; place < count; place++) {
            update(place);
        }
    }

    /** Accepts the changes of the newest ranking. */
    void update(@Nullable ClassForecast newest, long rankedAtNanos) {
        nowNanos = rankedAtNanos;
        setFigures(newest);
        for (int i = 0; i < backends.changedCount(); i++) {
            update(backends.changed(i));
        }
    }

    /** Sets the figures of the class; null if the ranking has none. */
    void setFigures(@Nullable ClassForecast newest) {
        figures = newest == null ? NO_FIGURES : newest;
    }

    private void update(int place) {
        BackendSnapshot snapshot = backends.at(place);
        if (snapshot == null) {
            if (forecasts[place] != null) {
                version++;
                urgentVersion++;
            }
            forecasts[place] = null;
            return;
        }
        Forecast former = forecasts[place];
        Forecast newest = snapshot.forecast(requestClass);
        boolean matters = former == null || former != newest && differ(former, newest, NEGLIGIBLE);
        boolean isLarge = matters && (former == null || differ(former, newest, LARGE));
        boolean isSampled = former != null && former.observedAtNanos() != newest.observedAtNanos();
        boolean isOld = nowNanos - acceptedAtNanos[place] >= (isSampled ? SAMPLED_ACCEPT_NANOS : ACCEPT_NANOS);
        if (matters || isOld) {
            forecasts[place] = newest;
            acceptedAtNanos[place] = nowNanos;
        }
        ModelHealth model = snapshot.model(requestClass.model());
        Parking parking = snapshot.parked().get(requestClass.model());
        // The reason of a healthy backend changes with each probe and has no effect.
        String reason = snapshot.health() == Health.HEALTHY ? "" : snapshot.reason();
        boolean healthChanged = parking != parkings[place]
                || snapshot.health() != healths[place]
                || snapshot.ejected() != ejected[place]
                || !model.equals(models[place])
                || !reason.equals(reasons[place]);
        if (matters || healthChanged || isOld && isSampled) { // the last, so that shares move on while there is traffic
            version++;
        }
        if (isLarge || healthChanged) {
            urgentVersion++;
        }
        models[place] = model;
        parkings[place] = parking;
        healths[place] = snapshot.health();
        ejected[place] = snapshot.ejected();
        reasons[place] = reason;
    }

    private static boolean differ(Forecast former, Forecast newest, double share) {
        Prediction before = former.prediction();
        Prediction after = newest.prediction();
        return newest.loadCurve().differsFrom(former.loadCurve(), share)
                || former.returnedAtNanos() != newest.returnedAtNanos()
                || before.basis() != after.basis()
                || differ(before.logService(), after.logService(), share)
                || differ(before.networkNanos(), after.networkNanos(), share * after.networkNanos())
                || differ(before.tokenNanos(), after.tokenNanos(), share * TOKENS_SCALE * after.tokenNanos())
                || differ(before.spread(), after.spread(), share)
                || differ(before.uncertainty(), after.uncertainty(), share)
                || differ(former.optimisticLogService(), newest.optimisticLogService(), share)
                || differ(former.ordinaryLogService(), newest.ordinaryLogService(), share);
    }

    private static boolean differ(double before, double after, double limit) {
        return Math.abs(after - before) > Math.abs(limit);
    }

    /** Returns a number that changes with each change of the data of a backend. */
    long version() {
        return version;
    }

    /** Returns a number that changes with each large change, for which a plan does not wait. */
    long urgentVersion() {
        return urgentVersion;
    }

    /** Returns the figures of the class that are the same at every backend. */
    ClassForecast figures() {
        return figures;
    }

    /** Returns whether the ranking has the backend at this place. The other methods require it. */
    boolean has(int place) {
        return forecasts[place] != null;
    }

    BackendSnapshot snapshot(int place) {
        return backends.withoutClassesAt(place);
    }

    Forecast forecast(int place) {
        return forecasts[place];
    }

    ModelHealth model(int place) {
        return models[place];
    }

    Health health(int place) {
        return healths[place];
    }

    /** Returns the parking of the model; null if it is not parked. */
    @Nullable
    Parking parking(int place) {
        return parkings[place];
    }
}

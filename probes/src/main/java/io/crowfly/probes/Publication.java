package io.crowfly.probes;

import io.crowfly.probes.forecast.ClassForecast;
import io.crowfly.probes.forecast.ClassStatistics;
import io.crowfly.probes.forecast.ProbeTimes;
import io.crowfly.probes.forecast.RequestClass;
import io.crowfly.probes.forecast.RequestClasses;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/*
 * A ranking is published at each tick while requests are observed, and once a second otherwise. Snapshots, forecasts
 * and figures that have not changed are the same objects as in the ranking before. So a comparison of references shows
 * what to plan again, and little garbage is made.
 */

/** Publisher of rankings, from the states of all backends. The lock of {@link Probes} guards it. */
final class Publication {

    /** Time after the last observation from which a ranking is published only if something has changed. */
    private static final long ACTIVE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final Comparator<BackendSnapshot> BEST_FIRST = Comparator.comparing(BackendSnapshot::health)
            .thenComparingLong(s -> s.latencyNanos() == ProbeTimes.ABSENT ? Long.MAX_VALUE : s.latencyNanos())
            .thenComparing(s -> s.backend().name());

    private final RequestClasses classes;
    private List<BackendState> states = List.of();
    private List<BackendSnapshot> snapshots = List.of();
    private ClassIndex index = new ClassIndex(Set.of());
    private long indexVersion = -1;
    private ClassStatistics[] statistics = {};
    private ClassForecast[] figures = {};
    private Map<RequestClass, ClassForecast> figuresByClass = Map.of();
    private Ranking last = new Ranking(0, 0, List.of(), Map.of());
    private boolean observed;
    private long observedAtNanos = Long.MIN_VALUE;

    Publication(RequestClasses classes) {
        this.classes = classes;
    }

    /** Publishes exactly these backends from now on. */
    void setBackends(List<BackendState> backends) {
        states = List.copyOf(backends);
        snapshots = List.of();
    }

    /** Notes that a live request was observed. */
    void noteObservation() {
        observed = true;
    }

    /** Returns whether the next tick should publish a ranking. */
    boolean isDue(long nowNanos) {
        return isActive(nowNanos) || nowNanos - last.atNanos() >= BackendForecasts.REFRESH_NANOS;
    }

    /** Returns whether a request was observed in the last second, or the state of a backend is changing. */
    boolean isActive(long nowNanos) {
        if (observed) {
            observed = false;
            observedAtNanos = nowNanos;
        }
        if (observedAtNanos != Long.MIN_VALUE && nowNanos - observedAtNanos < ACTIVE_NANOS) {
            return true;
        }
        for (int i = 0; i < states.size(); i++) {
            if (states.get(i).isActive()) {
                return true;
            }
        }
        return false;
    }

    /** Returns the next ranking. */
    Ranking next(long nowNanos) {
        boolean changed = false;
        for (BackendState state : states) {
            state.advance(nowNanos);
            changed |= state.hasChanged();
        }
        updateIndex();
        Forecasts forecasts = new Forecasts(states, nowNanos);
        boolean replaced = snapshots.size() != states.size();
        for (BackendState state : states) {
            replaced |= state.updateSnapshot(forecasts, index, changed, nowNanos);
        }
        if (replaced) {
            snapshots = sorted();
        }
        updateFigures(nowNanos);
        last = new Ranking(last.version() + 1, nowNanos, snapshots, figuresByClass);
        return last;
    }

    private List<BackendSnapshot> sorted() {
        List<BackendSnapshot> sorted = new ArrayList<>(states.size());
        for (BackendState state : states) {
            sorted.add(state.snapshot());
        }
        sorted.sort(BEST_FIRST);
        return List.copyOf(sorted);
    }

    private void updateIndex() {
        if (classes.version() == indexVersion) {
            return;
        }
        indexVersion = classes.version();
        index = new ClassIndex(classes.all().keySet());
        statistics = new ClassStatistics[index.size()];
        // Iteration, because a look-up would count as use of the class.
        classes.all()
                .forEach((requestClass, known) -> statistics[index.numbers().get(requestClass)] = known);
        figures = new ClassForecast[index.size()];
    }

    private void updateFigures(long nowNanos) {
        boolean changed = figuresByClass.size() != figures.length;
        for (int number = 0; number < figures.length; number++) {
            ClassForecast fresh = statistics[number].forecast(nowNanos);
            changed |= fresh != figures[number];
            figures[number] = fresh;
        }
        if (changed) {
            figuresByClass = new ClassMap<>(index, figures.clone());
        }
    }
}

package io.crowfly.balancer.routing;

import io.crowfly.conf.Backend;
import io.crowfly.probes.BackendSnapshot;
import io.crowfly.probes.Ranking;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Snapshots of the newest ranking by their backends' places in the conf, with the places that have changed since the
 * ranking before. Confined to one thread.
 */
final class RankedBackends {

    private final List<Backend> backends;
    private final Map<String, Integer> placeByName = new HashMap<>();
    private final @Nullable BackendSnapshot[] snapshots;
    private final @Nullable BackendSnapshot[] withoutClasses;

    /** For each place, the number of the last ranking that has the backend. */
    private final long[] rankedIn;

    private final int[] changed;
    private int changedCount;
    private long rankings;

    RankedBackends(List<Backend> backends) {
        this.backends = backends;
        for (int place = 0; place < backends.size(); place++) {
            placeByName.put(backends.get(place).name(), place);
        }
        snapshots = new BackendSnapshot[backends.size()];
        withoutClasses = new BackendSnapshot[backends.size()];
        rankedIn = new long[backends.size()];
        changed = new int[backends.size()];
    }

    /** Accepts the next ranking. A backend that differs from the one in the conf counts as absent. */
    void update(Ranking ranking) {
        rankings++;
        changedCount = 0;
        List<BackendSnapshot> ranked = ranking.snapshots();
        for (int i = 0; i < ranked.size(); i++) {
            BackendSnapshot snapshot = ranked.get(i);
            Integer place = placeByName.get(snapshot.backend().name());
            if (place != null) {
                update(place, snapshot);
            }
        }
        for (int place = 0; place < snapshots.length; place++) {
            if (rankedIn[place] != rankings && snapshots[place] != null) {
                snapshots[place] = null;
                withoutClasses[place] = null;
                changed[changedCount++] = place;
            }
        }
    }

    private void update(int place, BackendSnapshot snapshot) {
        BackendSnapshot before = snapshots[place];
        if (snapshot != before) {
            boolean sameBackend = before != null && before.backend() == snapshot.backend();
            if (!sameBackend && !backends.get(place).equals(snapshot.backend())) {
                return;
            }
            snapshots[place] = snapshot;
            withoutClasses[place] = snapshot.withoutClasses();
            changed[changedCount++] = place;
        }
        rankedIn[place] = rankings;
    }

    /** Returns the snapshot of the backend at a place; null if the ranking does not have the backend. */
    @Nullable
    BackendSnapshot at(int place) {
        return snapshots[place];
    }

    /** Returns that snapshot {@linkplain BackendSnapshot#withoutClasses() without classes}. */
    @Nullable
    BackendSnapshot withoutClassesAt(int place) {
        return withoutClasses[place];
    }

    int count() {
        return snapshots.length;
    }

    /** Returns the number of places whose snapshot is another object than in the ranking before, or is absent now. */
    int changedCount() {
        return changedCount;
    }

    /** Returns one of the changed places. */
    int changed(int i) {
        return changed[i];
    }
}

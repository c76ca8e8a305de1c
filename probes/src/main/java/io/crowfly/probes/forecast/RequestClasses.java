package io.crowfly.probes.forecast;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Bounded table of the classes of requests seen, with the statistics of each. If it is full, the least recently used
 * class is evicted, because clients choose model names and may invent any number of them. Confined to one thread.
 */
public final class RequestClasses {

    /** Maximum number of classes. A large conf has a few dozen models; each may have several classes. */
    private static final int MAX_CLASSES = 256;

    private final Map<RequestClass, ClassStatistics> statistics = new LinkedHashMap<>(16, 0.75f, true);
    private final Consumer<RequestClass> evictionListener;

    /** @param evictionListener called with each class that is evicted, to remove its other state */
    public RequestClasses(Consumer<RequestClass> evictionListener) {
        this.evictionListener = evictionListener;
    }

    /** Returns the statistics of a class, and creates them if absent. The creation may evict another class. */
    public ClassStatistics getOrCreate(RequestClass requestClass) {
        ClassStatistics found = statistics.get(requestClass);
        if (found == null) {
            if (statistics.size() >= MAX_CLASSES) {
                RequestClass eldest = statistics.keySet().iterator().next();
                statistics.remove(eldest);
                evictionListener.accept(eldest);
            }
            found = new ClassStatistics();
            statistics.put(requestClass, found);
        }
        return found;
    }

    /** Returns the statistics of all classes, in no particular order. Callers must not change the map. */
    public Map<RequestClass, ClassStatistics> all() {
        return statistics;
    }
}

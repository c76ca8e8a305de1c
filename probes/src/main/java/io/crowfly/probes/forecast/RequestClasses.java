package io.crowfly.probes.forecast;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Bounded table of the classes of requests seen, with the statistics of each. Clients choose model names and may invent
 * any number of them. Therefore the classes of models that the conf does not list share a small part of the table. If
 * there is no place for a new class, the class with the fewest recent responses is evicted, because an invented name
 * has few. Of several such classes, the least recently used is evicted. Confined to one thread.
 */
public final class RequestClasses {

    /** Maximum number of classes. A large conf has a few dozen models; each may have several classes. */
    static final int MAX_CLASSES = 256;

    /**
     * Maximum number of classes of unlisted models. A conf that lists no models still has room for all that are in use
     * at one time.
     */
    static final int MAX_UNLISTED = 64;

    /** In the order of use, the least recently used first. */
    private final Map<RequestClass, ClassStatistics> statistics = new LinkedHashMap<>(16, 0.75f, true);

    private final Consumer<RequestClass> evictionListener;
    private Set<String> listedModels = Set.of();
    private long version;

    /** @param evictionListener called with each class that is evicted, to remove its other state */
    public RequestClasses(Consumer<RequestClass> evictionListener) {
        this.evictionListener = evictionListener;
    }

    /** Sets the models that the conf lists by their exact names. */
    public void setListedModels(Set<String> models) {
        listedModels = Set.copyOf(models);
    }

    /** Returns the statistics of a class, and creates them if absent. The creation may evict another class. */
    public ClassStatistics getOrCreate(RequestClass requestClass) {
        ClassStatistics found = statistics.get(requestClass);
        if (found == null) {
            makePlaceFor(requestClass);
            found = new ClassStatistics();
            statistics.put(requestClass, found);
            version++;
        }
        return found;
    }

    private void makePlaceFor(RequestClass requestClass) {
        int unlisted = 0;
        for (RequestClass known : statistics.keySet()) {
            unlisted += isListed(known.model()) ? 0 : 1;
        }
        if (!isListed(requestClass.model()) && unlisted >= MAX_UNLISTED) {
            evictLeastUsed(false);
        } else if (statistics.size() >= MAX_CLASSES) {
            evictLeastUsed(unlisted == 0);
        }
    }

    private void evictLeastUsed(boolean listed) {
        RequestClass leastUsed = null;
        double fewest = Double.POSITIVE_INFINITY;
        for (Map.Entry<RequestClass, ClassStatistics> entry : statistics.entrySet()) {
            double responses = entry.getValue().recentResponses();
            if (isListed(entry.getKey().model()) == listed && responses < fewest) {
                leastUsed = entry.getKey();
                fewest = responses;
            }
        }
        if (leastUsed != null) {
            statistics.remove(leastUsed);
            evictionListener.accept(leastUsed);
        }
    }

    /** Returns whether no client can invent a model: the conf lists its name, or there is no name. */
    public boolean isListed(String model) {
        return model.isEmpty() || listedModels.contains(model);
    }

    /** Returns whether the table has a class of a model. */
    public boolean contains(String model) {
        return statistics.keySet().stream().anyMatch(known -> known.model().equals(model));
    }

    /** Returns a number that changes with each change of the set of classes. */
    public long version() {
        return version;
    }

    /** Returns the statistics of all classes, in no particular order. Callers must not change the map. */
    public Map<RequestClass, ClassStatistics> all() {
        return statistics;
    }
}

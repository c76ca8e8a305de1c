package io.crowfly.probes;

import io.crowfly.probes.forecast.RequestClass;
import io.crowfly.probes.forecast.RequestClasses;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/*
 * A failure that may be one model's fault ejects only the (backend, model) pair. But a backend that fails all its
 * models should not need three failures of each. So the whole backend is ejected when most of the models that it
 * recently served are ejected, at least two.
 *
 * "Most" means more than half of the models, and of the requests. The second condition protects the backend from a
 * client that sends requests for rarely used models that fail: its requests stop at the ejection of each pair, while
 * the requests of other clients continue. Names that clients invent do not count before the first response.
 */

/**
 * Health of all models at one backend. The table of request classes bounds the number of models, because clients may
 * invent names. Confined to the thread of its {@link BackendState}.
 */
final class ModelStates {

    /** Ejected models that are needed, at least, for the ejection of the whole backend. */
    private static final int MIN_EJECTED = 2;

    /** Maximum number of models that the reason of a backend's ejection names, so that the text stays readable. */
    private static final int MAX_NAMED = 3;

    private final RequestClasses classes;
    private final Map<String, ModelState> states = new LinkedHashMap<>();

    ModelStates(RequestClasses classes) {
        this.classes = classes;
    }

    /** Returns the state of a class's model, and creates it if absent. */
    ModelState getOrCreate(RequestClass requestClass) {
        // This call is first, because it may evict another class and so call remove().
        classes.getOrCreate(requestClass);
        return states.computeIfAbsent(requestClass.model(), name -> new ModelState());
    }

    void remove(String model) {
        states.remove(model);
    }

    /** Returns when a model last became available again; {@link Long#MIN_VALUE} if it never was unavailable. */
    long returnedAtNanos(String model, long nowNanos) {
        ModelState state = states.get(model);
        return state == null ? Long.MIN_VALUE : state.returnedAtNanos(nowNanos);
    }

    boolean isEjected(String model, long nowNanos) {
        ModelState state = states.get(model);
        return state != null && state.isEjected(nowNanos);
    }

    /** Returns whether there was a response to a live request for another model. */
    boolean hasAnsweredOtherThan(String model) {
        return states.entrySet().stream()
                .anyMatch(entry -> entry.getValue().isAnswered()
                        && !entry.getKey().isEmpty()
                        && !entry.getKey().equals(model));
    }

    void advance(long nowNanos) {
        states.values().forEach(state -> state.advance(nowNanos));
    }

    /** Records that the whole backend was unreachable and is available again. */
    void recordOutageEnd() {
        states.values().forEach(ModelState::recordOutageEnd);
    }

    void forgetProbes() {
        states.values().forEach(ModelState::forgetProbes);
    }

    /**
     * Returns the reason for an ejection of the whole backend, if most of the models that it recently served are
     * ejected. The reason contains only names from the conf.
     */
    Optional<String> mostAreEjected(long nowNanos) {
        int served = 0;
        int ejected = 0;
        double requests = 0;
        double requestsOfEjected = 0;
        for (Map.Entry<String, ModelState> entry : states.entrySet()) {
            ModelState state = entry.getValue();
            if (!entry.getKey().isEmpty() && state.isServed(classes.isListed(entry.getKey()), nowNanos)) {
                served++;
                requests += state.requestsAt(nowNanos);
                if (state.isEjected(nowNanos)) {
                    ejected++;
                    requestsOfEjected += state.requestsAt(nowNanos);
                }
            }
        }
        boolean most = ejected >= MIN_EJECTED && 2 * ejected > served && 2 * requestsOfEjected > requests;
        return most ? Optional.of(reason(ejected, served, nowNanos)) : Optional.empty();
    }

    private String reason(int ejected, int served, long nowNanos) {
        String named = new TreeMap<>(health(nowNanos))
                .entrySet().stream()
                        .filter(entry -> entry.getValue().listed())
                        .flatMap(entry -> entry.getValue().ejection().stream()
                                .map(ejection -> entry.getKey() + ": " + ejection.reason()))
                        .limit(MAX_NAMED)
                        .collect(Collectors.joining("; "));
        return ejected + " of " + served + " models fail" + (named.isEmpty() ? "" : " (" + named + ")");
    }

    /** Returns the health of each model that is ejected or has recent failures. */
    Map<String, ModelHealth> health(long nowNanos) {
        Map<String, ModelHealth> health = Map.of();
        for (Map.Entry<String, ModelState> entry : states.entrySet()) {
            if (entry.getValue().isNotable(nowNanos)) {
                health = health.isEmpty() ? new LinkedHashMap<>() : health;
                health.put(entry.getKey(), entry.getValue().health(classes.isListed(entry.getKey()), nowNanos));
            }
        }
        return health;
    }

    /** Returns the parkings that are active. */
    Map<String, Parking> parked(long nowNanos) {
        Map<String, Parking> parked = Map.of();
        for (Map.Entry<String, ModelState> entry : states.entrySet()) {
            if (entry.getValue().parking().isActive(nowNanos)) {
                parked = parked.isEmpty() ? new LinkedHashMap<>() : parked;
                parked.put(entry.getKey(), entry.getValue().parking());
            }
        }
        return parked;
    }

    /** Returns the states to transfer to another process, by model. Callers must not change the map. */
    Map<String, ModelState> all() {
        return states;
    }
}

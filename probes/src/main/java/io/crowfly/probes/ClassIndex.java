package io.crowfly.probes;

import io.crowfly.probes.forecast.RequestClass;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Numbers of the known classes of requests, from 0. Immutable. */
final class ClassIndex {

    private final List<RequestClass> classes;
    private final Map<RequestClass, Integer> numbers = new HashMap<>();

    ClassIndex(Set<RequestClass> known) {
        classes = List.copyOf(known);
        for (RequestClass requestClass : classes) {
            numbers.put(requestClass, numbers.size());
        }
    }

    int size() {
        return classes.size();
    }

    RequestClass get(int number) {
        return classes.get(number);
    }

    /** Returns the number of each class. Callers must not change the map. */
    Map<RequestClass, Integer> numbers() {
        return numbers;
    }
}

package io.crowfly.probes;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The classes of requests that something is known about, the least recently seen forgotten first: clients choose the names
 * of models, and may make up any number of them. Confined to one thread.
 */
final class Classes {

    /** A few dozen models in their variants is a large conf. */
    private static final int MOST = 256;

    private final Map<RequestClass, ClassKnowledge> known = new LinkedHashMap<>(16, 0.75f, true);
    private final Consumer<RequestClass> forgotten;

    /** @param forgotten told of a class that had to make room */
    Classes(Consumer<RequestClass> forgotten) {
        this.forgotten = forgotten;
    }

    ClassKnowledge of(RequestClass requestClass) {
        ClassKnowledge knowledge = known.get(requestClass);
        if (knowledge == null) {
            if (known.size() >= MOST) {
                RequestClass eldest = known.keySet().iterator().next();
                known.remove(eldest);
                forgotten.accept(eldest);
            }
            knowledge = new ClassKnowledge();
            known.put(requestClass, knowledge);
        }
        return knowledge;
    }

    /** In no particular order; not to be changed. */
    Map<RequestClass, ClassKnowledge> all() {
        return known;
    }
}

package io.crowfly.probes.state;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writer of the fields of one object into a tree. Confined to one thread. */
public final class StateWriter implements StateFields {

    /** Name of the moment that has already been for ever, {@link Long#MIN_VALUE}. */
    static final String NEVER = "never";

    /** Name of the moment that will never come, {@link Long#MAX_VALUE}. */
    static final String FOREVER = "forever";

    private final long nowNanos;
    private final Map<String, Object> tree = new LinkedHashMap<>();

    public StateWriter(long nowNanos) {
        this.nowNanos = nowNanos;
    }

    /** Returns the tree of the fields written so far. */
    public Map<String, Object> tree() {
        return tree;
    }

    /** Returns a writer for an element of a list. */
    public StateWriter element() {
        return new StateWriter(nowNanos);
    }

    /** Adds a list of elements. */
    public void elements(String name, List<StateWriter> elements) {
        tree.put(name, elements.stream().map(StateWriter::tree).toList());
    }

    @Override
    public double number(String name, double present) {
        if (Double.isFinite(present)) {
            tree.put(name, present);
        }
        return present;
    }

    @Override
    public long whole(String name, long present) {
        tree.put(name, present);
        return present;
    }

    @Override
    public long moment(String name, long present) {
        if (present == Long.MIN_VALUE) {
            tree.put(name, NEVER);
        } else if (present == Long.MAX_VALUE) {
            tree.put(name, FOREVER);
        } else {
            tree.put(name, present - nowNanos);
        }
        return present;
    }

    @Override
    public boolean flag(String name, boolean present) {
        tree.put(name, present);
        return present;
    }

    @Override
    public String text(String name, String present) {
        tree.put(name, present);
        return present;
    }

    @Override
    public <E extends Enum<E>> E constant(String name, E present) {
        tree.put(name, present.name());
        return present;
    }

    @Override
    public void numbers(String name, double[] present) {
        List<Object> list = new ArrayList<>(present.length);
        for (double element : present) {
            list.add(element);
        }
        tree.put(name, list);
    }

    @Override
    public StateFields part(String name) {
        StateWriter part = new StateWriter(nowNanos);
        tree.put(name, part.tree);
        return part;
    }
}

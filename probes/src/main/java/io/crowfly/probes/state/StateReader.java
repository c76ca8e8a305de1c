package io.crowfly.probes.state;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reader of the fields of one object from a tree. Every method throws a {@link StateFormatException} if a value is not
 * of the expected kind. A field that the tree does not have keeps its present value, because the other process may run
 * another version of Crowfly. Confined to one thread.
 */
public final class StateReader implements StateFields {

    /** Maximum distance of a moment from the present, so that sums cannot overflow. */
    private static final long MAX_DISTANCE_NANOS = Long.MAX_VALUE / 4;

    /** Maximum length of a text. Reasons of ejections and names of models are shorter. */
    private static final int MAX_TEXT = 4096;

    private final Map<?, ?> tree;
    private final long nowNanos;

    /** @param nowNanos the present time when the tree was written, by the clock of this process */
    public StateReader(Map<?, ?> tree, long nowNanos) {
        this.tree = tree;
        this.nowNanos = nowNanos;
    }

    /** Returns a reader for each element of a list; none if the tree has no such list. */
    public List<StateReader> elements(String name) {
        List<StateReader> readers = new ArrayList<>();
        for (Object element : list(name)) {
            if (!(element instanceof Map<?, ?> map)) {
                throw problem(name, "a list of objects");
            }
            readers.add(new StateReader(map, nowNanos));
        }
        return readers;
    }

    /** Returns the texts of a list; none if the tree has no such list. */
    public List<String> texts(String name) {
        List<String> texts = new ArrayList<>();
        for (Object element : list(name)) {
            if (!(element instanceof String text) || text.length() > MAX_TEXT) {
                throw problem(name, "a list of texts");
            }
            texts.add(text);
        }
        return texts;
    }

    private List<?> list(String name) {
        Object found = tree.get(name);
        if (found == null) {
            return List.of();
        } else if (found instanceof List<?> list) {
            return list;
        }
        throw problem(name, "a list");
    }

    @Override
    public double number(String name, double present) {
        Object found = tree.get(name);
        return found == null ? present : finite(name, found);
    }

    private static double finite(String name, @Nullable Object value) {
        if (value instanceof Number number && Double.isFinite(number.doubleValue())) {
            return number.doubleValue();
        }
        throw problem(name, "a finite number");
    }

    @Override
    public long whole(String name, long present) {
        Object found = tree.get(name);
        if (found == null) {
            return present;
        } else if (found instanceof Long || found instanceof Integer) {
            return ((Number) found).longValue();
        }
        throw problem(name, "a whole number");
    }

    @Override
    public long moment(String name, long present) {
        Object found = tree.get(name);
        if (StateWriter.NEVER.equals(found)) {
            return Long.MIN_VALUE;
        } else if (StateWriter.FOREVER.equals(found)) {
            return Long.MAX_VALUE;
        } else if (found == null) {
            return present;
        }
        long distance = whole(name, 0);
        if (distance > MAX_DISTANCE_NANOS || distance < -MAX_DISTANCE_NANOS) {
            throw problem(name, "a moment");
        }
        return nowNanos + distance;
    }

    @Override
    public boolean flag(String name, boolean present) {
        Object found = tree.get(name);
        if (found == null) {
            return present;
        } else if (found instanceof Boolean flag) {
            return flag;
        }
        throw problem(name, "true or false");
    }

    @Override
    public String text(String name, String present) {
        Object found = tree.get(name);
        if (found == null) {
            return present;
        } else if (found instanceof String text && text.length() <= MAX_TEXT) {
            return text;
        }
        throw problem(name, "a text");
    }

    @Override
    public <E extends Enum<E>> E constant(String name, E present) {
        if (!tree.containsKey(name)) {
            return present;
        }
        try {
            return Enum.valueOf(present.getDeclaringClass(), text(name, ""));
        } catch (IllegalArgumentException e) {
            throw problem(name, "a known constant");
        }
    }

    @Override
    public void numbers(String name, double[] present) {
        if (!tree.containsKey(name)) {
            return;
        }
        List<?> list = list(name);
        if (list.size() != present.length) {
            throw problem(name, present.length + " numbers");
        }
        for (int i = 0; i < present.length; i++) {
            present[i] = finite(name, list.get(i));
        }
    }

    @Override
    public StateFields part(String name) {
        return tree.get(name) instanceof Map<?, ?> map
                ? new StateReader(map, nowNanos)
                : new StateReader(Map.of(), nowNanos);
    }

    private static StateFormatException problem(String name, String expected) {
        return new StateFormatException("`" + name + "` must be " + expected);
    }
}

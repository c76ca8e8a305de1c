package io.crowfly.probes;

import io.crowfly.probes.forecast.RequestClass;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Immutable map from classes of requests. Its keys are shared by all maps of one {@link ClassIndex}, because a map of
 * its own for each backend would be most of the garbage of a publication.
 */
final class ClassMap<V> extends AbstractMap<RequestClass, V> {

    private final ClassIndex index;
    private final @Nullable V[] values;
    private final int size;

    /** @param values by the number of the class; null for a class that the map does not have. Owned by the map */
    ClassMap(ClassIndex index, @Nullable V[] values) {
        this.index = index;
        this.values = values;
        int count = 0;
        for (V value : values) {
            count += value == null ? 0 : 1;
        }
        size = count;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public @Nullable V get(Object key) {
        Integer number = index.numbers().get(key);
        return number == null ? null : values[number];
    }

    @Override
    public boolean containsKey(Object key) {
        return get(key) != null;
    }

    @Override
    public V getOrDefault(Object key, V defaultValue) {
        V value = get(key);
        return value == null ? defaultValue : value;
    }

    @Override
    public Set<Entry<RequestClass, V>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public int size() {
                return size;
            }

            @Override
            public Iterator<Entry<RequestClass, V>> iterator() {
                return new Entries();
            }
        };
    }

    private final class Entries implements Iterator<Entry<RequestClass, V>> {
        private int number = following(0);

        /** Returns the first number from the given one on that has a value. */
        private int following(int from) {
            int found = from;
            while (found < values.length && values[found] == null) {
                found++;
            }
            return found;
        }

        @Override
        public boolean hasNext() {
            return number < values.length;
        }

        @Override
        public Entry<RequestClass, V> next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            Entry<RequestClass, V> entry = Map.entry(index.get(number), values[number]);
            number = following(number + 1);
            return entry;
        }
    }

    /** Returns a copy that cannot be changed; the map itself if it is of this class. */
    static <V> Map<RequestClass, V> copyOf(Map<RequestClass, V> map) {
        return map instanceof ClassMap ? map : Map.copyOf(map);
    }
}

package io.crowfly.balancer.transport;

import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.AbstractMap.SimpleImmutableEntry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map.Entry;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/*
 * A head has some five to thirty headers. Netty's own class needs a hash table, and an object for each header. Here a
 * head is one array, in the order of the headers, and a search compares the hashes of the names, which the names cache.
 * Most searches are for a header that is absent. They end without a look at the array, because the hash of each name
 * that was ever added has set one of 64 bits.
 */

/**
 * Headers in one array. A third of the memory of Netty's own headers, and cheaper to copy. Names and values are checked
 * by Netty's rules, except those that are added to a copy. Not thread-safe.
 */
class HeaderList extends HeaderNumbers {

    private static final @Nullable CharSequence[] NOTHING = {};

    /** Headers for which a new array has space: those of a usual response of a web server. */
    private static final int INITIAL_HEADERS = 8;

    /** Headers that are set in the copy of a request for a backend. */
    private static final int ADDED_TO_COPY = 6;

    private final DefaultHttpHeadersFactory rules;

    /**
     * Whether names are checked. In a copy they are not: a name that is added to a copy is a constant, a checked name
     * of the conf, or a name that the decoder has checked. The check of a name takes as long as ten searches.
     */
    private final boolean checksNames;

    /** A name, which is an {@link AsciiString}, then its value, and so on. */
    private @Nullable CharSequence[] fields;

    /** Number of elements of {@link #fields} that are in use. */
    private int end;

    /** The bits of all names that were ever added. */
    private long nameBits;

    HeaderList(DefaultHttpHeadersFactory rules) {
        this.rules = rules;
        checksNames = true;
        fields = NOTHING;
    }

    private HeaderList(HeaderList original) {
        rules = original.rules;
        checksNames = false;
        end = original.end;
        nameBits = original.nameBits;
        fields = new CharSequence[end + 2 * ADDED_TO_COPY];
        System.arraycopy(original.fields, 0, fields, 0, end);
    }

    @Override
    public final HttpHeaders copy() {
        return new HeaderList(this);
    }

    private static long bit(int hash) {
        return 1L << hash; // the lowest six bits of the hash
    }

    // Searches.

    /** Returns the index of the first header of this name at or after an index; -1 if there is none. */
    private int find(CharSequence name, int hash, int from) {
        return (nameBits & bit(hash)) == 0 ? -1 : search(name, hash, from);
    }

    /**
     * Not part of {@link #find}, so that the compiler inlines the test of the bits, which is the answer for most names.
     */
    private int search(CharSequence name, int hash, int from) {
        CharSequence[] all = fields;
        for (int i = from, to = end; i < to; i += 2) {
            AsciiString each = (AsciiString) all[i];
            if (each.hashCode() == hash && each.contentEqualsIgnoreCase(name)) {
                return i;
            }
        }
        return -1;
    }

    private @Nullable CharSequence find(CharSequence name) {
        int index = find(name, AsciiString.hashCode(name), 0);
        return index < 0 ? null : fields[index + 1];
    }

    @Override
    public final @Nullable String get(String name) {
        return get((CharSequence) name);
    }

    @Override
    public final @Nullable String get(CharSequence name) {
        CharSequence value = find(name);
        return value == null ? null : value.toString();
    }

    @Override
    public final boolean contains(String name) {
        return contains((CharSequence) name);
    }

    @Override
    public final boolean contains(CharSequence name) {
        return find(name, AsciiString.hashCode(name), 0) >= 0;
    }

    @Override
    public final List<String> getAll(String name) {
        return getAll((CharSequence) name);
    }

    @Override
    public final List<String> getAll(CharSequence name) {
        int hash = AsciiString.hashCode(name);
        int index = find(name, hash, 0);
        if (index < 0) {
            return Collections.emptyList();
        }
        String first = fields[index + 1].toString();
        index = find(name, hash, index + 2);
        if (index < 0) {
            return Collections.singletonList(first);
        }
        List<String> all = new ArrayList<>();
        all.add(first);
        for (; index >= 0; index = find(name, hash, index + 2)) {
            all.add(fields[index + 1].toString());
        }
        return all;
    }

    @Override
    public final Iterator<String> valueStringIterator(CharSequence name) {
        return getAll(name).iterator();
    }

    @Override
    public final Iterator<? extends CharSequence> valueCharSequenceIterator(CharSequence name) {
        return valueStringIterator(name);
    }

    @Override
    public final boolean containsValue(CharSequence name, CharSequence value, boolean ignoreCase) {
        int hash = AsciiString.hashCode(name);
        int index = find(name, hash, 0);
        if (index < 0) {
            return false;
        }
        CharSequence first = fields[index + 1];
        if (find(name, hash, index + 2) >= 0 || AsciiString.indexOf(first, ',', 0) >= 0) {
            return super.containsValue(name, value, ignoreCase);
        }
        CharSequence trimmed = AsciiString.trim(first);
        return ignoreCase
                ? AsciiString.contentEqualsIgnoreCase(trimmed, value)
                : AsciiString.contentEquals(trimmed, value);
    }

    @Override
    public final boolean isEmpty() {
        return end == 0;
    }

    @Override
    public final int size() {
        return end / 2;
    }

    @Override
    public final Set<String> names() {
        Set<String> names = new LinkedHashSet<>();
        for (int i = 0; i < end; i += 2) {
            names.add(fields[i].toString());
        }
        return names;
    }

    @Override
    public final List<Entry<String, String>> entries() {
        List<Entry<String, String>> entries = new ArrayList<>(size());
        for (int i = 0; i < end; i += 2) {
            entries.add(new SimpleImmutableEntry<>(fields[i].toString(), fields[i + 1].toString()));
        }
        return entries;
    }

    @Override
    @SuppressWarnings("deprecation")
    public final Iterator<Entry<String, String>> iterator() {
        return entries().iterator();
    }

    /** Returns an iterator whose entries are valid until its next step, like those of Netty's read-only headers. */
    @Override
    public final Iterator<Entry<CharSequence, CharSequence>> iteratorCharSequence() {
        return new Cursor();
    }

    private final class Cursor
            implements Iterator<Entry<CharSequence, CharSequence>>, Entry<CharSequence, CharSequence> {

        private int at = -2;

        @Override
        public boolean hasNext() {
            return at + 2 < end;
        }

        @Override
        public Entry<CharSequence, CharSequence> next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            at += 2;
            return this;
        }

        @Override
        public CharSequence getKey() {
            return fields[at];
        }

        @Override
        public CharSequence getValue() {
            return fields[at + 1];
        }

        @Override
        public CharSequence setValue(CharSequence value) {
            throw new UnsupportedOperationException();
        }
    }

    // Changes.

    @Override
    public final HttpHeaders add(String name, Object value) {
        return add((CharSequence) name, value);
    }

    /** Adds a header. @param value its text; a date must be formatted before */
    @Override
    public HttpHeaders add(CharSequence name, Object value) {
        AsciiString checkedName = checkedName(name);
        append(checkedName, checkedValue(value));
        return this;
    }

    @Override
    public final HttpHeaders add(String name, Iterable<?> values) {
        for (Object value : values) {
            add(name, value);
        }
        return this;
    }

    @Override
    public final HttpHeaders set(String name, Object value) {
        return set((CharSequence) name, value);
    }

    /**
     * Sets a header in the place of the first one of this name. @param value its text; a date must be formatted before
     */
    @Override
    public final HttpHeaders set(CharSequence name, Object value) {
        AsciiString newName = checkedName(name);
        CharSequence newValue = checkedValue(value);
        int index = find(newName, newName.hashCode(), 0);
        if (index < 0) {
            append(newName, newValue);
        } else {
            fields[index] = newName;
            fields[index + 1] = newValue;
            removeFrom(newName, index + 2);
        }
        return this;
    }

    @Override
    public final HttpHeaders set(String name, Iterable<?> values) {
        remove(name);
        return add(name, values);
    }

    @Override
    public final HttpHeaders remove(String name) {
        return remove((CharSequence) name);
    }

    @Override
    public final HttpHeaders remove(CharSequence name) {
        removeFrom(name, 0);
        return this;
    }

    @Override
    public final HttpHeaders clear() {
        fields = NOTHING;
        end = 0;
        nameBits = 0;
        return this;
    }

    private AsciiString checkedName(CharSequence name) {
        if (checksNames) {
            rules.getNameValidator().validateName(name);
        }
        return AsciiString.of(name);
    }

    private CharSequence checkedValue(Object value) {
        CharSequence text = value instanceof CharSequence chars ? chars : value.toString();
        rules.getValueValidator().validate(text);
        return text;
    }

    private void append(AsciiString name, CharSequence value) {
        if (end == fields.length) {
            CharSequence[] larger = new CharSequence[Math.max(2 * INITIAL_HEADERS, 2 * end)];
            System.arraycopy(fields, 0, larger, 0, end);
            fields = larger;
        }
        fields[end] = name;
        fields[end + 1] = value;
        end += 2;
        nameBits |= bit(name.hashCode());
    }

    /** Removes the headers of this name at or after an index. */
    private void removeFrom(CharSequence name, int index) {
        int hash = AsciiString.hashCode(name);
        int found = find(name, hash, index);
        while (found >= 0) {
            System.arraycopy(fields, found + 2, fields, found, end - found - 2);
            end -= 2;
            fields[end] = null;
            fields[end + 1] = null;
            found = find(name, hash, found);
        }
    }
}

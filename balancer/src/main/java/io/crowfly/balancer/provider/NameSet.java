package io.crowfly.balancer.provider;

import io.netty.util.AsciiString;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Immutable set of names of headers or query parameters, without regard to case.
 *
 * <p>Every header of every request is looked up in such a set. So a lookup allocates nothing and costs one hash, which
 * Netty has already computed for a header, and usually one comparison.
 */
final class NameSet {

    static final NameSet EMPTY = of();

    /** Open addressing with linear probing. At most a quarter full, so that probes are short. */
    private final @Nullable AsciiString[] table;

    private NameSet(Collection<String> names) {
        table = new AsciiString[Integer.highestOneBit(names.size() + 1) * 8];
        for (String name : names) {
            if (!contains(name)) {
                int at = first(name);
                while (table[at] != null) {
                    at = next(at);
                }
                table[at] = AsciiString.of(name);
            }
        }
    }

    static NameSet of(String... names) {
        return new NameSet(List.of(names));
    }

    NameSet with(String... more) {
        return with(List.of(more));
    }

    NameSet with(Collection<String> more) {
        return new NameSet(
                Stream.concat(Arrays.stream(table).filter(Objects::nonNull).map(String::valueOf), more.stream())
                        .toList());
    }

    boolean contains(CharSequence name) {
        AsciiString each;
        for (int at = first(name); (each = table[at]) != null; at = next(at)) {
            if (each.contentEqualsIgnoreCase(name)) {
                return true;
            }
        }
        return false;
    }

    /** The hash ignores case. */
    private int first(CharSequence name) {
        return AsciiString.hashCode(name) & table.length - 1;
    }

    private int next(int at) {
        return at + 1 & table.length - 1;
    }
}

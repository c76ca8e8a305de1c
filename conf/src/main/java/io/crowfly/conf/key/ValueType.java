package io.crowfly.conf.key;

import io.crowfly.conf.value.Quantity;
import java.util.List;
import java.util.stream.Collectors;

/** Type of a key's value, with its limits. */
public sealed interface ValueType {

    /** Returns the type for operators, as Markdown. */
    String description();

    /**
     * Text without line breaks.
     *
     * @param pattern regular expression that a whole text matches, before {@code ${…}} is replaced, or any text with
     *     {@code ${}
     */
    record Text(String description, String pattern) implements ValueType {

        static final String ANY = ".*\\S.*";

        Text(String description) {
            this(description, ANY);
        }
    }

    /** One of some words. */
    record Word(List<String> words) implements ValueType {
        public Word {
            words = List.copyOf(words);
        }

        @Override
        public String description() {
            return words.stream().map(word -> '`' + word + '`').collect(Collectors.joining(", "));
        }
    }

    record Flag() implements ValueType {
        @Override
        public String description() {
            return "boolean";
        }
    }

    /** Whole number within limits. */
    record Whole(int min, int max) implements ValueType {
        @Override
        public String description() {
            return String.format("%d to %,d", min, max);
        }
    }

    /** Duration. Its limits are those of the {@code QuantityReader}'s method. */
    record Time(String description) implements ValueType {}

    /** Size within limits, in bytes. */
    record Size(long min, long max) implements ValueType {
        @Override
        public String description() {
            return Quantity.size(min) + " to " + Quantity.size(max);
        }
    }

    /** Percentage within limits, which are shares of 1. */
    record Share(double min, double max) implements ValueType {
        @Override
        public String description() {
            return "share, " + (min == 0 ? "up to " : Quantity.share(min) + " to ") + Quantity.share(max);
        }
    }

    /** List of at least one item. */
    record Items(String description, ValueType item) implements ValueType {}

    /** Mapping whose keys are chosen by the operator. */
    record Entries(String description, ValueType value) implements ValueType {}

    /** Mapping with the keys of a section; may be empty. */
    record Mapping(String section) implements ValueType {
        @Override
        public String description() {
            return "mapping";
        }
    }

    /** A value of any of these types. */
    record Either(String description, List<ValueType> types) implements ValueType {
        public Either {
            types = List.copyOf(types);
        }
    }
}

package io.crowfly.conf.key;

import java.util.List;
import java.util.function.Function;

/** Types of values that several keys have. */
final class Types {

    static final ValueType TEXT = new ValueType.Text("text");
    static final ValueType FLAG = new ValueType.Flag();
    static final ValueType FILE = new ValueType.Text("file");
    static final ValueType URL = new ValueType.Text("URL", "[hH][tT][tT][pP][sS]?://[^?#\\s]+");
    static final ValueType NAME = new ValueType.Text("name", "[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
    static final ValueType ADDRESS = new ValueType.Text("address", "unix:.+|.+:[0-9]{1,5}");
    static final ValueType TEXTS = new ValueType.Items("list of texts", TEXT);
    static final ValueType LABELS = new ValueType.Entries("mapping of names to names", NAME);

    /** Model name at a backend. */
    static final ValueType MODEL = new ValueType.Text("text", "[^*]+");

    /** Google's identifier of a project, location or endpoint. */
    static final ValueType SEGMENT = new ValueType.Text("text", "[a-z0-9]([a-z0-9.:-]*[a-z0-9])?");

    /** Origins of web pages. */
    static final ValueType ORIGINS = new ValueType.Either(
            "`\"*\"`, or list of origins",
            List.of(
                    new ValueType.Word(List.of("*")),
                    new ValueType.Items("list of origins", new ValueType.Text("origin"))));

    /** More than zero, at most 24 hours. */
    static final ValueType DURATION = new ValueType.Time("duration");

    /** At most 24 hours; zero means never. */
    static final ValueType DURATION_OR_NEVER = new ValueType.Time("duration, or `0s`");

    private Types() {}

    static ValueType oneOrMore(String description, ValueType type) {
        return new ValueType.Either(description, List.of(type, new ValueType.Items("list", type)));
    }

    static <T> ValueType words(List<T> values, Function<T, String> label) {
        return new ValueType.Word(values.stream().map(label).toList());
    }
}

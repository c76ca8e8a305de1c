package io.crowfly.conf.key;

import java.util.Optional;

/**
 * Description of one key of a section.
 *
 * @param defaultValue the value without the key, as Markdown; {@link #REQUIRED} if the key cannot be absent
 * @param example the key with a value, in YAML
 * @param meaning Markdown
 */
public record Key(String name, ValueType type, String defaultValue, String example, String meaning) {

    public static final String REQUIRED = "required";

    public boolean isRequired() {
        return defaultValue.equals(REQUIRED);
    }

    /** Returns the default as YAML, if it is one value that can be written in the file. */
    public Optional<String> literalDefault() {
        int last = defaultValue.length() - 1;
        return last > 0 && defaultValue.indexOf('`') == 0 && defaultValue.indexOf('`', 1) == last
                ? Optional.of(defaultValue.substring(1, last))
                : Optional.empty();
    }
}

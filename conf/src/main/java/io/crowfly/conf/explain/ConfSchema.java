package io.crowfly.conf.explain;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import io.crowfly.conf.key.Key;
import io.crowfly.conf.key.ValueType;
import io.crowfly.conf.read.field.Section;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * JSON Schema (draft 2020-12) of the conf file, for editors. The schema refuses only files that the reader refuses too.
 * The reader checks more: limits of durations, sizes and shares, references between sections, and files.
 */
public final class ConfSchema {

    /** A text with {@code ${…}} matches whatever its type is, because its value is known only to the reader. */
    private static final String SUBSTITUTION = "\\$\\{";

    private static final String DURATION = "[0-9]{1,12}(ms|s|m|h|d)";
    private static final String SIZE = "[0-9]{1,12}(B|KiB|MiB|GiB)";
    private static final String SHARE = "[0-9]{1,3}(\\.[0-9]{1,6})?%";

    private final JsonGenerator json;

    private ConfSchema(JsonGenerator json) {
        this.json = json;
    }

    /** Returns the schema as indented JSON, which ends with a line break. */
    public static String text() {
        StringWriter out = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
            json.setPrettyPrinter(new DefaultPrettyPrinter());
            new ConfSchema(json).file();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.append('\n').toString();
    }

    private void file() throws IOException {
        json.writeStartObject();
        json.writeStringField("$schema", "https://json-schema.org/draft/2020-12/schema");
        json.writeStringField("title", "Conf file of Crowfly");
        body(Section.FILE);
        // The required keys may stand in included files.
        json.writeArrayFieldStart("anyOf");
        anObjectThatRequires(List.of("include"));
        anObjectThatRequires(requiredKeys(Section.FILE));
        json.writeEndArray();
        json.writeObjectFieldStart("$defs");
        for (Section section : Section.values()) {
            if (section != Section.FILE) {
                json.writeObjectFieldStart(definition(section.path()));
                body(section);
                // The keys of a section that is no item of a list may be divided among included files.
                if (section.path().contains("[]") && !requiredKeys(section).isEmpty()) {
                    words("required", requiredKeys(section));
                }
                json.writeEndObject();
            }
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    private static String definition(String sectionPath) {
        return sectionPath.replace("[]", "");
    }

    private static List<String> requiredKeys(Section section) {
        return section.descriptions().stream()
                .filter(Key::isRequired)
                .map(Key::name)
                .toList();
    }

    private void anObjectThatRequires(List<String> keys) throws IOException {
        json.writeStartObject();
        words("required", keys);
        json.writeEndObject();
    }

    private void words(String name, List<String> words) throws IOException {
        json.writeArrayFieldStart(name);
        for (String word : words) {
            json.writeString(word);
        }
        json.writeEndArray();
    }

    /** Writes the type and the keys of a section. An empty section is the same as none, if no key is required. */
    private void body(Section section) throws IOException {
        if (section.hasExactlyOneKey()) {
            json.writeStringField("type", "object");
            json.writeNumberField("minProperties", 1);
            json.writeNumberField("maxProperties", 1);
        } else {
            words("type", requiredKeys(section).isEmpty() ? List.of("object", "null") : List.of("object"));
        }
        json.writeBooleanField("additionalProperties", false);
        json.writeObjectFieldStart("properties");
        for (Key key : section.descriptions()) {
            json.writeObjectFieldStart(key.name());
            json.writeStringField("description", description(key));
            type(key.type());
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    private static String description(Key key) {
        String ofDefault = key.defaultValue().isEmpty() || key.isRequired()
                ? ""
                : " Default: " + PlainText.of(key.defaultValue()) + ".";
        return PlainText.of(key.meaning()) + "." + ofDefault + " Example: " + key.example();
    }

    private void type(ValueType type) throws IOException {
        if (type instanceof ValueType.Mapping mapping) {
            json.writeStringField("$ref", "#/$defs/" + definition(mapping.section()));
        } else if (type instanceof ValueType.Items items) {
            json.writeStringField("type", "array");
            json.writeNumberField("minItems", 1);
            nested("items", items.item());
        } else if (type instanceof ValueType.Entries entries) {
            json.writeStringField("type", "object");
            json.writeNumberField("minProperties", 1);
            nested("additionalProperties", entries.value());
        } else if (type instanceof ValueType.Either either) {
            json.writeArrayFieldStart("anyOf");
            for (ValueType each : either.types()) {
                json.writeStartObject();
                type(each);
                json.writeEndObject();
            }
            json.writeEndArray();
        } else if (type instanceof ValueType.Word word) {
            json.writeArrayFieldStart("anyOf");
            json.writeStartObject();
            words("enum", word.words());
            json.writeEndObject();
            json.writeStartObject();
            text(SUBSTITUTION);
            json.writeEndObject();
            json.writeEndArray();
        } else {
            scalar(type);
        }
    }

    private void nested(String name, ValueType type) throws IOException {
        json.writeObjectFieldStart(name);
        type(type);
        json.writeEndObject();
    }

    private void scalar(ValueType type) throws IOException {
        if (type instanceof ValueType.Flag) {
            json.writeStringField("type", "boolean");
        } else if (type instanceof ValueType.Whole whole) {
            json.writeStringField("type", "integer");
            json.writeNumberField("minimum", whole.min());
            json.writeNumberField("maximum", whole.max());
        } else if (type instanceof ValueType.Text text) {
            wholeText(text.pattern());
        } else if (type instanceof ValueType.Time) {
            wholeText(DURATION);
        } else if (type instanceof ValueType.Size) {
            wholeText(SIZE);
        } else {
            wholeText(SHARE);
        }
    }

    private void wholeText(String pattern) throws IOException {
        text("^(?:" + pattern + ")$|" + SUBSTITUTION);
    }

    private void text(String pattern) throws IOException {
        json.writeStringField("type", "string");
        json.writeStringField("pattern", pattern);
    }
}

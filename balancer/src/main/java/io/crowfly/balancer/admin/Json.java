package io.crowfly.balancer.admin;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import io.crowfly.probes.forecast.ProbeTimes;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Locale;

/** Functions that write the admin pages' JSON. Documents are indented because operators read them with curl. */
final class Json {

    private static final JsonFactory FACTORY = new JsonFactory();
    private static final double NANOS_PER_MILLI = 1e6;

    private Json() {}

    /** Writer of one JSON value, for example of one backend. */
    interface Writer {
        void writeTo(JsonGenerator json) throws IOException;
    }

    static String text(Writer writer) {
        return compactText(json -> {
            json.setPrettyPrinter(new DefaultPrettyPrinter());
            writer.writeTo(json);
        });
    }

    /** Returns the JSON without indentation, for documents that programs read. */
    static String compactText(Writer writer) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(text)) {
            writer.writeTo(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.append('\n').toString();
    }

    /** Returns the name of a constant as JSON shows it, for example {@code timed-out}. */
    static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Writes a number field, rounded to three decimals. */
    static void writeShare(JsonGenerator json, String name, double share) throws IOException {
        json.writeNumberField(name, Math.round(share * 1000) / 1000.0);
    }

    static void writeStringOrNull(JsonGenerator json, String name, String value) throws IOException {
        if (value.isEmpty()) {
            json.writeNullField(name);
        } else {
            json.writeStringField(name, value);
        }
    }

    /** Writes a number field: nanoseconds as milliseconds with three decimals; {@link ProbeTimes#ABSENT} as null. */
    static void writeMillis(JsonGenerator json, String name, long nanos) throws IOException {
        if (nanos == ProbeTimes.ABSENT) {
            json.writeNullField(name);
        } else {
            json.writeNumberField(name, Math.round(nanos / 1000.0) * 1000 / NANOS_PER_MILLI);
        }
    }
}

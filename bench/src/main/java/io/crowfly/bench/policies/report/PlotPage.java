package io.crowfly.bench.policies.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.crowfly.bench.policies.scenario.Scenario;
import io.crowfly.bench.policies.scenario.ScenarioEvent;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * HTML page of {@code bench policies} that plots shares and latency over time: a template with the data inserted,
 * without external files.
 */
public final class PlotPage {

    private static final String PLACE = "/*DATA*/";

    private PlotPage() {}

    public static String html(List<ScenarioResults> all) {
        try (InputStream in = PlotPage.class.getResourceAsStream("/io/crowfly/bench/policies/policies.html")) {
            if (in == null) {
                throw new IllegalStateException("policies.html is not in this build");
            }
            String page = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            // The data is escaped, so that a name with "</script>" does not end the script.
            return page.replace(PLACE, json(all).replace("</", "<\\/"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String json(List<ScenarioResults> all) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.writeStartObject();
            json.writeNumberField("binSeconds", TimeSeries.BIN_SECONDS);
            json.writeArrayFieldStart("scenarios");
            for (ScenarioResults results : all) {
                // Each scenario begins a new line, so that a diff shows which scenarios changed.
                json.writeRaw('\n');
                scenario(json, results);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        return text.toString();
    }

    private static void scenario(JsonGenerator json, ScenarioResults results) throws IOException {
        Scenario scenario = results.scenario();
        json.writeStartObject();
        json.writeStringField("name", scenario.name());
        json.writeStringField("description", scenario.description());
        json.writeArrayFieldStart("backends");
        for (Scenario.Backend backend : scenario.backends()) {
            json.writeString(backend.name());
        }
        json.writeEndArray();
        json.writeArrayFieldStart("events");
        for (ScenarioEvent event : scenario.events()) {
            json.writeStartObject();
            json.writeNumberField("backend", event.backend());
            json.writeNumberField("from", event.fromNanos() / 1_000_000_000L);
            json.writeNumberField("to", event.toNanos() / 1_000_000_000L);
            json.writeStringField(
                    "what", event.effect().getClass().getSimpleName().toLowerCase(Locale.ROOT));
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("policies");
        for (int i = 0; i < results.figures().size(); i++) {
            policy(json, results.figures().get(i), results.series().get(i));
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    /**
     * Writes the data of one policy. Percents and milliseconds are whole numbers, because more digits would not be
     * visible in the plot.
     */
    private static void policy(JsonGenerator json, Figures figures, TimeSeries series) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", figures.policy());
        json.writeNumberField("mean", Math.round(figures.meanNanos() / 1e5) / 10.0);
        json.writeNumberField("p99", Math.round(figures.p99Nanos() / 1e6));
        json.writeArrayFieldStart("ms");
        for (double millis : series.meanMillis()) {
            json.writeNumber(Math.round(millis));
        }
        json.writeEndArray();
        json.writeArrayFieldStart("share");
        for (int backend = 0; backend < figures.share().length; backend++) {
            json.writeStartArray();
            for (double[] bin : series.share()) {
                json.writeNumber(Math.round(100 * bin[backend]));
            }
            json.writeEndArray();
        }
        json.writeEndArray();
        json.writeEndObject();
    }
}

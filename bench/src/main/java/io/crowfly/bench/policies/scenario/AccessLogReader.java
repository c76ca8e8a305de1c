package io.crowfly.bench.policies.scenario;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.crowfly.bench.policies.scenario.ArrivalProcess.Arrival;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reader of arrivals from Crowfly's own access log (one JSON object per line), so that {@code bench policies --replay}
 * simulates recorded requests with another policy. A line gives the arrival time, the model and the length of the body.
 * The scenario draws the number of output tokens, because the log lacks it for some responses. Only POSTs are read,
 * because other requests are not for models.
 */
public final class AccessLogReader {

    private static final JsonFactory JSON = new JsonFactory();

    private static final int BYTES_PER_TOKEN = 4;

    /**
     * Arrivals of one access log.
     *
     * @param arrivals the arrivals
     * @param durationNanos time from the first arrival to the end of the replay
     * @param unknownModels models in the log that the scenario does not have
     */
    public record Recorded(ArrivalProcess.Recorded arrivals, long durationNanos, Set<String> unknownModels) {}

    private record Line(Instant time, String model, long requestBytes) {}

    private AccessLogReader() {}

    /** @throws ScenarioException if a line is malformed; the message names the line */
    public static Recorded read(Path file, Scenario scenario) throws ScenarioException {
        List<Line> lines = new ArrayList<>();
        int number = 0;
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            for (String text = reader.readLine(); text != null; text = reader.readLine()) {
                number++;
                if (!text.isBlank()) {
                    add(text, lines);
                }
            }
        } catch (JsonParseException | DateTimeParseException e) {
            throw new ScenarioException(file + ":" + number + ": not a line of an access log");
        } catch (IOException e) {
            throw new ScenarioException(file + " can't be read: " + e.getMessage());
        }
        if (lines.isEmpty()) {
            throw new ScenarioException(file + " holds no POST");
        }
        // The log has lines in the order in which requests ended. A replay needs the order of arrival.
        lines.sort(Comparator.comparing(Line::time));
        return recorded(lines, scenario);
    }

    private static Recorded recorded(List<Line> lines, Scenario scenario) {
        List<String> known =
                scenario.models().stream().map(Scenario.Model::name).toList();
        Set<String> unknown = new TreeSet<>();
        List<Arrival> arrivals = new ArrayList<>();
        Instant first = lines.get(0).time();
        long at = 0;
        for (Line line : lines) {
            at = Duration.between(first, line.time()).toNanos();
            if (!known.contains(line.model())) {
                unknown.add(line.model());
            }
            int tokens = (int) Math.max(1, Math.min(Integer.MAX_VALUE, line.requestBytes() / BYTES_PER_TOKEN));
            arrivals.add(new Arrival(at, line.model(), tokens, 0));
        }
        return new Recorded(new ArrivalProcess.Recorded(arrivals), at + 1_000_000_000L, unknown);
    }

    private static void add(String text, List<Line> lines) throws IOException {
        Instant time = null;
        String method = "";
        String model = "";
        long bytes = 0;
        try (JsonParser json = JSON.createParser(text)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new JsonParseException(json, "no object");
            }
            for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
                json.nextToken();
                switch (name) {
                    case "time" -> time = Instant.parse(json.getText());
                    case "method" -> method = json.getText();
                    case "model" -> model = json.getText();
                    case "requestBytes" -> bytes = json.getLongValue();
                    default -> json.skipChildren();
                }
            }
            if (time == null) {
                throw new JsonParseException(json, "no time");
            }
        }
        if (method.equals("POST")) {
            lines.add(new Line(time, model, bytes));
        }
    }
}

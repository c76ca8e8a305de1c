package io.crowfly.balancer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.crowfly.balancer.logging.Terminal;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * The command {@code crowfly top}: requests the backends of an instance from its admin server and prints them as a
 * table each second.
 */
final class TopCommand {

    private static final String PAGE = "/backends";

    private static final String ONCE = "--once";

    /** ANSI escape sequence that moves the cursor to the top left and erases the screen. */
    private static final String CLEAR_SCREEN = "\033[H\033[2J";

    /**
     * Name of a field that is not in the JSON: one word derived from several fields, because a column for each would be
     * too much.
     */
    private static final String STATE_FIELD = "state";

    private static final String NAME_FIELD = "name";

    /** Name of the array whose elements have rows of their own, below the row of their backend. */
    private static final String EJECTED_MODELS_FIELD = "ejectedModels";

    /** Maximum number of ejected models that are shown for one backend, so that the table fits on a screen. */
    private static final int MAX_MODEL_ROWS = 10;

    /** Maximum number of characters of a model's name. Longer names are cut. */
    private static final int MAX_MODEL_CHARS = 25;

    /** Name of the reason field. The column also shows the failures of the backend's credential, if any. */
    private static final String REASON_FIELD = "reason";

    /**
     * One column of the table.
     *
     * @param field name of the JSON field; nested names are joined by dots, and an array is shown by its size
     * @param width in characters; negative for text that is aligned to the left
     */
    private record Column(String title, String field, int width) {}

    private static final List<Column> COLUMNS = List.of(
            new Column("BACKEND", NAME_FIELD, -28),
            new Column("PROVIDER", "provider", -9),
            new Column("REGION", "region", -16),
            new Column("STATE", STATE_FIELD, -13),
            new Column("SHARE", "share", 6),
            new Column("LATENCY ms", "latencyMs", 11),
            new Column("CONNECT ms", "probeMs.connect", 11),
            new Column("TLS ms", "probeMs.tls", 9),
            new Column("1ST BYTE ms", "probeMs.firstByte", 12),
            new Column("IN FLIGHT", "inFlight", 10),
            new Column("REQUESTS", "requests", 10),
            new Column("ERRORS", "errors", 8),
            new Column("PARKED", "parked", 7),
            new Column(" REASON", REASON_FIELD, -1));

    private TopCommand() {}

    static CommandSpec spec() {
        CommandSpec spec = CommandSpec.wrapWithoutInspection((CommandAction) TopCommand::execute);
        spec.mixinStandardHelpOptions(true);
        spec.usageMessage().description("Shows the backends of an instance, refreshed each second, until Ctrl-C.");
        spec.addPositional(AdminClient.address("0"));
        spec.addOption(OptionSpec.builder(ONCE)
                .description("Prints one table and exits.")
                .build());
        spec.addOption(AdminClient.tokenFile());
        return spec;
    }

    private static int execute(ParseResult result) throws IOException, InterruptedException {
        AdminClient admin = AdminClient.of(result, 0);
        if (result.hasMatchedOption(ONCE)) {
            System.out.print(table(rows(admin.get(PAGE))));
            return 0;
        }
        // In a file or a pipe, no screen can be erased, so the tables follow one another.
        String prefix = Terminal.onStandardOutput() ? CLEAR_SCREEN : "";
        while (true) {
            printTable(System.out, prefix, admin);
            TimeUnit.SECONDS.sleep(1);
        }
    }

    /**
     * Prints one table, or an error message if the instance is not reachable. The command continues after an error,
     * because the instance may become reachable again.
     */
    private static void printTable(PrintStream out, String prefix, AdminClient admin) throws InterruptedException {
        String text;
        try {
            text = table(rows(admin.get(PAGE)));
        } catch (IOException e) {
            text = e.getMessage() + "\n";
        }
        out.print(prefix + text);
        out.flush();
    }

    /**
     * Returns one map for each backend, from field names to values as text, and below it one for each of its ejected
     * models.
     */
    private static List<Map<String, String>> rows(String json) throws IOException {
        List<Map<String, String>> rows = new ArrayList<>();
        try (JsonParser parser = new JsonFactory().createParser(json)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.START_OBJECT) {
                Map<String, String> row = new LinkedHashMap<>();
                List<Map<String, String>> ejectedModels = new ArrayList<>();
                readObject(parser, "", row, ejectedModels);
                row.put(STATE_FIELD, state(row));
                row.put(REASON_FIELD, reason(row));
                rows.add(row);
                rows.addAll(modelRows(ejectedModels));
            }
        }
        return rows;
    }

    /**
     * Reads the fields of the JSON object that has just begun into the row.
     *
     * @param prefix names of the object's parents, each with a dot
     * @param ejectedModels receives the elements of the array of ejected models, if the object has one
     */
    private static void readObject(
            JsonParser parser, String prefix, Map<String, String> row, List<Map<String, String>> ejectedModels)
            throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = prefix + parser.currentName();
            switch (parser.nextToken()) {
                case START_OBJECT -> readObject(parser, name + '.', row, ejectedModels);
                case START_ARRAY -> {
                    if (name.equals(EJECTED_MODELS_FIELD)) {
                        while (parser.nextToken() == JsonToken.START_OBJECT) {
                            Map<String, String> model = new LinkedHashMap<>();
                            readObject(parser, "", model, new ArrayList<>());
                            ejectedModels.add(model);
                        }
                    } else {
                        row.put(name, Integer.toString(arraySize(parser)));
                    }
                }
                case VALUE_NULL -> row.put(name, "-");
                default -> row.put(name, parser.getText().isEmpty() ? "-" : parser.getText());
            }
        }
    }

    /** Returns the number of elements of the JSON array that has just begun. */
    private static int arraySize(JsonParser parser) throws IOException {
        int size = 0;
        for (JsonToken token; (token = parser.nextToken()) != JsonToken.END_ARRAY && token != null; ) {
            parser.skipChildren();
            size++;
        }
        return size;
    }

    private static List<Map<String, String>> modelRows(List<Map<String, String>> ejectedModels) {
        List<Map<String, String>> rows = new ArrayList<>();
        for (Map<String, String> model : ejectedModels) {
            if (rows.size() == MAX_MODEL_ROWS) {
                rows.add(Map.of(NAME_FIELD, "  " + (ejectedModels.size() - MAX_MODEL_ROWS) + " more models"));
                break;
            }
            String name = model.getOrDefault("model", "");
            String millisLeft = model.getOrDefault("msLeft", "-");
            String timeLeft = millisLeft.equals("-") ? "until a probe passes" : "for " + millisLeft + " ms";
            rows.add(Map.of(
                    NAME_FIELD,
                    "  " + (name.length() > MAX_MODEL_CHARS ? name.substring(0, MAX_MODEL_CHARS - 2) + ".." : name),
                    STATE_FIELD,
                    "ejected",
                    REASON_FIELD,
                    timeLeft + ": " + model.getOrDefault(REASON_FIELD, "")));
        }
        return rows;
    }

    private static String state(Map<String, String> row) {
        if ("true".equals(row.get("healthy"))) {
            return "healthy";
        }
        if ("true".equals(row.get("unauthorized"))) {
            return "unauthorized";
        }
        return "true".equals(row.get("ejected")) ? "ejected" : "unhealthy";
    }

    private static String reason(Map<String, String> row) {
        String failures = row.getOrDefault("credential.failures", "0");
        String healthReason = row.getOrDefault(REASON_FIELD, "-");
        return failures.equals("0")
                ? healthReason
                : "credential failed " + failures + " times: " + row.get("credential.reason") + "; " + healthReason;
    }

    private static String table(List<Map<String, String>> rows) {
        StringBuilder table = new StringBuilder();
        for (Column column : COLUMNS) {
            table.append(String.format("%" + column.width() + "s", column.title()));
        }
        table.append('\n');
        for (Map<String, String> row : rows) {
            boolean ofBackend = row.containsKey("healthy");
            for (Column column : COLUMNS) {
                // Clients choose the names of models, so the names may contain control characters of the terminal.
                String value =
                        row.getOrDefault(column.field(), ofBackend ? "-" : "").replaceAll("\\p{Cntrl}", "?");
                table.append(String.format("%" + column.width() + "s", column.width() == -1 ? ' ' + value : value));
            }
            table.append('\n');
        }
        return table.toString();
    }
}

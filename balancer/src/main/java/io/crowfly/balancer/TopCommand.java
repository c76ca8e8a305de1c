package io.crowfly.balancer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.crowfly.balancer.logging.Terminal;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code crowfly top}: what an instance's admin says of its backends, as a table that keeps itself fresh. */
final class TopCommand {

    private static final String USUAL_ADMIN = "127.0.0.1:9901";
    private static final int LAST_PORT = 65_535;

    /** Of a {@link URI}. */
    private static final int NO_PORT = -1;

    private static final String ONCE = "--once";
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    /** ANSI: the cursor home, and everything after it erased. */
    private static final String CLEAR = "\033[H\033[2J";

    /** Made of several fields, which would need a column each. */
    private static final String STATE = "state";

    /** Of the backend's health; behind that of its credential, where that fails. */
    private static final String REASON = "reason";

    /**
     * A column's title, the field it shows (of {@code probeMs} with a dot; of an array its size) and its width; to the left
     * where negative.
     */
    private record Column(String title, String field, int width) {}

    private static final List<Column> COLUMNS = List.of(
            new Column("BACKEND", "name", -28),
            new Column("PROVIDER", "provider", -9),
            new Column("REGION", "region", -16),
            new Column("STATE", STATE, -13),
            new Column("SHARE", "share", 6),
            new Column("LATENCY ms", "latencyMs", 11),
            new Column("CONNECT ms", "probeMs.connect", 11),
            new Column("TLS ms", "probeMs.tls", 9),
            new Column("1ST BYTE ms", "probeMs.firstByte", 12),
            new Column("IN FLIGHT", "inFlight", 10),
            new Column("REQUESTS", "requests", 10),
            new Column("ERRORS", "errors", 8),
            new Column("PARKED", "parked", 7),
            new Column(" REASON", REASON, -1));

    private TopCommand() {}

    static CommandSpec spec() {
        CommandSpec spec = CommandSpec.wrapWithoutInspection((Main.Action) TopCommand::execute);
        spec.mixinStandardHelpOptions(true);
        spec.usageMessage().description("Shows an instance's backends, each second anew, until Ctrl-C.");
        spec.addPositional(PositionalParamSpec.builder()
                .index("0")
                .arity("0..1")
                .paramLabel("ADMIN")
                .type(String.class)
                .description("The instance's admin address; " + USUAL_ADMIN + " if not given.")
                .build());
        spec.addOption(OptionSpec.builder(ONCE)
                .description("Prints one table and ends.")
                .build());
        return spec;
    }

    private static int execute(ParseResult result) throws IOException, InterruptedException {
        String admin = result.matchedPositionalValue(0, USUAL_ADMIN);
        URI backends = backendsOf(admin)
                .orElseThrow(() -> new CommandLine.ParameterException(
                        result.commandSpec().commandLine(),
                        "`" + admin + "` is no admin address; write host:port, " + USUAL_ADMIN + " for example"));
        HttpClient client = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
        if (result.hasMatchedOption(ONCE)) {
            System.out.print(table(rows(get(client, backends))));
            return 0;
        }
        // In a file or a pipe, table follows table: nothing there can be erased.
        String before = Terminal.onStandardOutput() ? CLEAR : "";
        while (true) {
            show(System.out, before, client, backends);
            TimeUnit.SECONDS.sleep(1);
        }
    }

    /** Empty unless it is host and port, or a URL, which need not name the port that is usual for its scheme. */
    private static Optional<URI> backendsOf(String admin) {
        try {
            boolean url = admin.contains("://");
            URI uri = new URI((url ? admin : "http://" + admin).replaceFirst("/$", "") + "/backends");
            boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            boolean port = uri.getPort() == NO_PORT ? url : uri.getPort() > 0 && uri.getPort() <= LAST_PORT;
            return http && port && uri.getHost() != null ? Optional.of(uri) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    /** An instance that is not there now may come back: only {@value #ONCE} takes it for an error. */
    private static void show(PrintStream out, String before, HttpClient client, URI backends)
            throws InterruptedException {
        String shown;
        try {
            shown = table(rows(get(client, backends)));
        } catch (IOException e) {
            shown = e.getMessage() + "\n";
        }
        out.print(before + shown);
        out.flush();
    }

    private static String get(HttpClient client, URI uri) throws IOException, InterruptedException {
        HttpResponse<String> response;
        try {
            response = client.send(
                    HttpRequest.newBuilder(uri).timeout(TIMEOUT).build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new IOException("nobody answers at " + uri, e);
        }
        if (response.statusCode() != 200) {
            throw new IOException(uri + " answers " + response.statusCode());
        }
        return response.body();
    }

    /** Each backend's fields as text. */
    private static List<Map<String, String>> rows(String json) throws IOException {
        List<Map<String, String>> rows = new ArrayList<>();
        try (JsonParser parser = new JsonFactory().createParser(json)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.START_OBJECT) {
                Map<String, String> row = new LinkedHashMap<>();
                read(parser, "", row);
                row.put(STATE, state(row));
                row.put(REASON, reason(row));
                rows.add(row);
            }
        }
        return rows;
    }

    /** The fields of the object that has just begun. */
    private static void read(JsonParser parser, String within, Map<String, String> row) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = within + parser.currentName();
            switch (parser.nextToken()) {
                case START_OBJECT -> read(parser, name + '.', row);
                case START_ARRAY -> row.put(name, Integer.toString(size(parser)));
                case VALUE_NULL -> row.put(name, "-");
                default -> row.put(name, parser.getText());
            }
        }
    }

    /** Of the array that has just begun. */
    private static int size(JsonParser parser) throws IOException {
        int size = 0;
        for (JsonToken token; (token = parser.nextToken()) != JsonToken.END_ARRAY && token != null; ) {
            parser.skipChildren();
            size++;
        }
        return size;
    }

    private static String state(Map<String, String> row) {
        if ("true".equals(row.get("healthy"))) {
            return "healthy";
        }
        if ("true".equals(row.get("ejected"))) {
            return "true".equals(row.get("unauthorized")) ? "unauthorized" : "ejected";
        }
        return "unhealthy";
    }

    private static String reason(Map<String, String> row) {
        String failures = row.getOrDefault("credential.failures", "0");
        String health = row.getOrDefault(REASON, "-");
        return failures.equals("0")
                ? health
                : "credential failed " + failures + " times: " + row.get("credential.reason") + "; " + health;
    }

    private static String table(List<Map<String, String>> rows) {
        StringBuilder table = new StringBuilder();
        for (Column column : COLUMNS) {
            table.append(String.format("%" + column.width() + "s", column.title()));
        }
        table.append('\n');
        for (Map<String, String> row : rows) {
            for (Column column : COLUMNS) {
                String value = row.getOrDefault(column.field(), "-");
                table.append(String.format("%" + column.width() + "s", column.width() == -1 ? ' ' + value : value));
            }
            table.append('\n');
        }
        return table.toString();
    }
}

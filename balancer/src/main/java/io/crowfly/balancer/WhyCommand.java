package io.crowfly.balancer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/**
 * The command {@code crowfly why}: prints why a request went to its backend, and what happened to it, from the page
 * {@code /decisions} of an instance.
 */
final class WhyCommand {

    private WhyCommand() {}

    static CommandSpec spec() {
        CommandSpec spec = CommandSpec.wrapWithoutInspection((CommandAction) WhyCommand::execute);
        spec.mixinStandardHelpOptions(true);
        spec.usageMessage()
                .description("Prints why a request of the last minutes went to its backend, and how it ended.");
        spec.addPositional(PositionalParamSpec.builder()
                .index("0")
                .arity("1")
                .required(true)
                .paramLabel("REQUEST-ID")
                .type(String.class)
                .description("The x-request-id of the response, or the backend's own id of the request.")
                .build());
        spec.addPositional(AdminClient.address("1"));
        spec.addOption(AdminClient.tokenFile());
        return spec;
    }

    private static int execute(ParseResult result) throws IOException, InterruptedException {
        String id = result.matchedPositionalValue(0, "");
        String json = AdminClient.of(result, 1).get("/decisions?id=" + URLEncoder.encode(id, StandardCharsets.UTF_8));
        List<?> decisions;
        try (JsonParser parser = new JsonFactory().createParser(json)) {
            parser.nextToken();
            decisions = (List<?>) value(parser);
        }
        if (decisions.isEmpty()) {
            throw new IOException("this instance keeps no decision for " + plain(id)
                    + "; the request is too old, another instance has served it, or it was ordinary and its event loop "
                    + "had more than 1,000 requests in that second");
        }
        decisions.forEach(decision -> System.out.print(story(new Fields((Map<?, ?>) decision))));
        return 0;
    }

    /** Fields of a JSON object as text; a field that is absent or null is empty. */
    private record Fields(Map<?, ?> map) {

        Optional<String> find(String name) {
            return Optional.ofNullable(map.get(name)).map(value -> plain(value.toString()));
        }

        String get(String name) {
            return find(name).orElse("-");
        }

        Fields object(String name) {
            return new Fields(map.get(name) instanceof Map<?, ?> object ? object : Map.of());
        }

        List<Fields> list(String name) {
            return map.get(name) instanceof List<?> list
                    ? list.stream().map(item -> new Fields((Map<?, ?>) item)).toList()
                    : List.of();
        }

        /** Returns a part of a sentence with the value; empty if there is none. */
        String part(String before, String name, String after) {
            return find(name).map(value -> before + value + after).orElse("");
        }
    }

    private static String story(Fields decision) {
        Fields outcome = decision.object("outcome");
        StringBuilder story = new StringBuilder();
        story.append("request ")
                .append(decision.get("requestId"))
                .append(" at ")
                .append(decision.get("time"));
        story.append(decision.part("\n  id at the backend: ", "upstreamRequestId", ""));
        story.append("\n  ").append(decision.get("method")).append(' ').append(decision.get("path"));
        story.append(decision.part(", model ", "model", ""))
                .append(decision.part(", at the backend ", "upstreamModel", ""));
        story.append(", ").append(outcome.get("requestBytes")).append(" bytes\n");
        story.append("rule: ").append(decision.find("rule").orElse("none")).append('\n');
        appendCandidates(story, decision);
        appendAttempts(story, outcome.list("tried"));
        story.append("outcome: status ").append(outcome.get("status"));
        story.append(outcome.part(", ", "failure", "")).append(outcome.part(" after ", "totalMs", " ms"));
        story.append(outcome.part("; head after ", "ttfbMs", " ms"));
        if (!outcome.find("ttftMs").equals(outcome.find("ttfbMs"))) { // a response that is no token stream has one time
            story.append(outcome.part(", first token after ", "ttftMs", " ms"));
        }
        story.append(outcome.part(", then ", "tokenMs", " ms per token"));
        story.append("; ").append(outcome.get("responseBytes")).append(" bytes");
        story.append(outcome.part(", ", "inputTokens", " input tokens"));
        story.append(outcome.part(", ", "outputTokens", " output tokens"));
        story.append(
                outcome.get("retryDenied").equals("true") ? "; no retry, because the retry budget was used up" : "");
        return story.append('\n').toString();
    }

    private static void appendCandidates(StringBuilder story, Fields decision) {
        List<Fields> candidates = decision.list("candidates");
        if (candidates.isEmpty()) {
            story.append("candidates: none\n");
            return;
        }
        story.append("candidates, best first; costs within ")
                .append(decision.get("toleranceMs"))
                .append(" ms are equal\n");
        story.append(String.format(
                "  %-28s %4s %-9s %7s %11s %11s %6s %-8s %s%n",
                "BACKEND", "TIER", "HEALTH", "SHARE", "COST ms", "LATENCY ms", "LOAD", "BASIS", "NOTE"));
        for (Fields candidate : candidates) {
            story.append(String.format(
                            "  %-28s %4s %-9s %7s %11s %11s %6s %-8s %s",
                            candidate.get("name"),
                            candidate.get("tier"),
                            candidate.get("health"),
                            candidate.get("share"),
                            candidate.get("costMs"),
                            candidate.get("latencyMs"),
                            candidate.get("load"),
                            candidate.get("basis"),
                            candidate.find("note").orElse(""))
                    .stripTrailing());
            story.append('\n');
        }
    }

    private static void appendAttempts(StringBuilder story, List<Fields> attempts) {
        story.append(attempts.isEmpty() ? "attempts: none\n" : "attempts\n");
        for (Fields attempt : attempts) {
            story.append("  ").append(attempt.get("role")).append(" at ").append(attempt.get("name"));
            story.append(": ").append(attempt.get("why"));
            story.append(attempt.part("; ", "inFlight", " in flight")).append(attempt.part(", cost ", "costMs", " ms"));
            story.append("; ended: ").append(attempt.get("end"));
            story.append(attempt.part(", first token or first byte after ", "firstTokenMs", " ms"))
                    .append('\n');
        }
    }

    /** Replaces control characters of the terminal: clients choose ids, paths and models. */
    private static String plain(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }

    private static Object value(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            Map<String, Object> object = new LinkedHashMap<>();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                if (parser.nextToken() != JsonToken.VALUE_NULL) {
                    object.put(name, value(parser));
                }
            }
            return object;
        }
        if (parser.currentToken() == JsonToken.START_ARRAY) {
            List<Object> array = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                array.add(value(parser));
            }
            return array;
        }
        return parser.getText();
    }
}

package io.crowfly.bench.endpoint;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A dialect's errors: the fixture of the refusal's own form if there is one, then that of the status, else the dialect's
 * general one. What Google answers to a stream request has a form of its own.
 */
final class ErrorFixtures {

    private final String folder;
    private final Map<String, Fixture> read = new ConcurrentHashMap<>();

    ErrorFixtures(String folder) {
        this.folder = folder;
    }

    Answer answer(Refusal refusal, boolean streamed) {
        HttpResponseStatus code = HttpResponseStatus.valueOf(refusal.status());
        Fixture fixture = read.computeIfAbsent(
                refusal.form() + refusal.status() + (streamed ? "-stream" : ""), key -> find(refusal, streamed));
        UnaryOperator<String> values = Answer.values(Map.of(
                "status", String.valueOf(refusal.status()),
                "status-name", googleName(code),
                "type", refusal.status() < 500 ? "invalid_request_error" : "server_error",
                "message", Answer.quoted(refusal.why().isEmpty() ? code.reasonPhrase() : refusal.why())));
        return new Answer(code, fixture.headers(values), fixture.body, values);
    }

    /** As far as the names of HTTP and of Google's RPC are the same. */
    private static String googleName(HttpResponseStatus code) {
        return code.code() == 400
                ? "INVALID_ARGUMENT"
                : code.reasonPhrase().toUpperCase(Locale.ROOT).replace(' ', '_');
    }

    private Fixture find(Refusal refusal, boolean streamed) {
        String suffix = streamed ? "-stream" : "";
        return Stream.of(refusal.form(), refusal.status() + suffix, refusal.status() + "", "error" + suffix, "error")
                .map(name -> folder + "/" + name + ".http")
                .filter(Fixture::exists)
                .findFirst()
                .map(Fixture::read)
                .orElseThrow(() -> new IllegalStateException("no error fixtures in " + folder));
    }
}

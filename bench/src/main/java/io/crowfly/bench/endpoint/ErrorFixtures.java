package io.crowfly.bench.endpoint;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/**
 * A dialect's errors: the fixture of the status if there is one, else the dialect's general form. What Google answers to a
 * stream request has a form of its own.
 */
final class ErrorFixtures {

    private final String folder;
    private final Map<String, Fixture> read = new ConcurrentHashMap<>();

    ErrorFixtures(String folder) {
        this.folder = folder;
    }

    Answer answer(int status, boolean streamed, String message) {
        HttpResponseStatus code = HttpResponseStatus.valueOf(status);
        Fixture fixture = read.computeIfAbsent(status + (streamed ? "-stream" : ""), key -> find(status, streamed));
        UnaryOperator<String> values = Answer.values(Map.of(
                "status", String.valueOf(status),
                "type",
                        status == 400
                                ? "INVALID_ARGUMENT"
                                : code.reasonPhrase().toUpperCase(Locale.ROOT).replace(' ', '_'),
                "message", Answer.quoted(message.isEmpty() ? code.reasonPhrase() : message)));
        return new Answer(code, fixture.headers(values), fixture.body, values);
    }

    private Fixture find(int status, boolean streamed) {
        for (String name : new String[] {
            status + (streamed ? "-stream" : ""), String.valueOf(status), "error" + (streamed ? "-stream" : "")
        }) {
            if (Fixture.exists(folder + "/" + name + ".http")) {
                return Fixture.read(folder + "/" + name + ".http");
            }
        }
        return Fixture.read(folder + "/error.http");
    }
}

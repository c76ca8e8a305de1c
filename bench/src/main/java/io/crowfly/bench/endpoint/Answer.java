package io.crowfly.bench.endpoint;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;

/**
 * A whole answer, not yet in a buffer: an answer that waits for its time, or is never sent, holds nothing to release.
 *
 * @param values fills the body's places
 */
record Answer(HttpResponseStatus status, HttpHeaders headers, Template body, UnaryOperator<String> values) {

    static Answer of(Fixture fixture, UnaryOperator<String> values) {
        return new Answer(fixture.status, fixture.headers(values), fixture.body, values);
    }

    static Answer json(int status, String body) {
        HttpHeaders headers = new DefaultHttpHeaders().add(HttpHeaderNames.CONTENT_TYPE, "application/json");
        return new Answer(HttpResponseStatus.valueOf(status), headers, new Template("{{body}}"), name -> body);
    }

    /** What every fixture may name beside {@code more}: an id and a time, the same ones throughout one answer. */
    static UnaryOperator<String> values(Map<String, String> more) {
        String id = UUID.randomUUID().toString();
        String created = String.valueOf(Instant.now().getEpochSecond());
        return name -> {
            String value = more.get(name);
            if (value != null) {
                return value;
            }
            return switch (name) {
                case "id" -> id;
                case "created" -> created;
                default ->
                    throw new IllegalArgumentException("a fixture names {{" + name + "}}, which has no value here");
            };
        };
    }

    /** As it stands between the quotes of a JSON string. */
    static String quoted(String text) {
        return new String(JsonStringEncoder.getInstance().quoteAsString(text));
    }
}

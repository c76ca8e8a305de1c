package io.crowfly.bench.endpoint;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * An answer as a provider gives it, read from a resource: a status line, headers, an empty line and a body, all with
 * {@link Template} places. Keeping them as files keeps them comparable with what is recorded from the real services.
 */
final class Fixture {

    final HttpResponseStatus status;
    private final List<Header> headers = new ArrayList<>();
    final String text;
    final Template body;

    private record Header(String name, Template value) {}

    private Fixture(String file) {
        int blank = file.indexOf("\n\n");
        String head = blank < 0 ? file.stripTrailing() : file.substring(0, blank);
        text = blank < 0 ? "" : file.substring(blank + 2);
        body = new Template(text.stripTrailing());
        String[] lines = head.split("\n");
        status = HttpResponseStatus.valueOf(Integer.parseInt(lines[0].split(" ")[1]));
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            headers.add(new Header(
                    lines[i].substring(0, colon),
                    new Template(lines[i].substring(colon + 1).strip())));
        }
    }

    /** @param name beside this package, for example {@code azure/429.http}; it must be there */
    static Fixture read(String name) {
        try (InputStream in = Fixture.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalArgumentException("no fixture " + name);
            }
            return new Fixture(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static boolean exists(String name) {
        return Fixture.class.getResource(name) != null;
    }

    HttpHeaders headers(UnaryOperator<String> values) {
        HttpHeaders filled = new DefaultHttpHeaders();
        headers.forEach(header -> filled.add(header.name, header.value.fill(values)));
        return filled;
    }
}

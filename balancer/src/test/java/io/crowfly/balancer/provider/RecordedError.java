package io.crowfly.balancer.provider;

import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Response in a test resource: a status line, headers, an empty line and a body. */
record RecordedError(int status, HttpHeaders headers, String body) {

    static RecordedError read(String name) throws IOException {
        try (InputStream in = RecordedError.class.getResourceAsStream(name + ".http")) {
            String file = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            String[] parts = file.split("\n\n", 2);
            String[] lines = parts[0].split("\n");
            HttpHeaders headers = DefaultHttpHeadersFactory.headersFactory().newHeaders();
            for (int i = 1; i < lines.length; i++) {
                String[] field = lines[i].split(": ", 2);
                headers.add(field[0], field[1].trim());
            }
            return new RecordedError(
                    Integer.parseInt(lines[0].split(" ")[1]), headers, parts.length > 1 ? parts[1].strip() : "");
        }
    }

    byte[] bytes() {
        return body.getBytes(StandardCharsets.UTF_8);
    }
}

package io.crowfly.balancer.differential;

import io.undertow.server.DefaultByteBufferPool;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.MultipartParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Undertow's parser, which WildFly uses, with the headers read as Undertow's form handler reads them. */
final class UndertowFormReader implements FormReader {

    private final DefaultByteBufferPool pool = new DefaultByteBufferPool(false, 1024);

    private static final class Parts implements MultipartParser.PartHandler {

        private final List<Field> fields = new ArrayList<>();
        private final ByteArrayOutputStream content = new ByteArrayOutputStream();
        private String name = "";
        private Charset charset = StandardCharsets.UTF_8;

        @Override
        public void beginPart(HeaderMap headers) {
            content.reset();
            name = "";
            charset = StandardCharsets.UTF_8;
            String disposition = headers.getFirst(Headers.CONTENT_DISPOSITION);
            if (disposition != null && disposition.startsWith("form-data")) {
                String quoted = Headers.extractQuotedValueFromHeader(disposition, "name");
                name = quoted == null ? "" : quoted;
                String type = headers.getFirst(Headers.CONTENT_TYPE);
                String declared = type == null ? null : Headers.extractQuotedValueFromHeader(type, "charset");
                charset = declared == null ? charset : Charset.forName(declared);
            }
        }

        @Override
        public void data(ByteBuffer buffer) {
            while (buffer.hasRemaining()) {
                content.write(buffer.get());
            }
        }

        @Override
        public void endPart() {
            fields.add(new Field(name, content.toString(charset)));
        }
    }

    @Override
    public Optional<List<Field>> read(Form form) {
        if (!form.contentType().startsWith("multipart/form-data")) {
            return Optional.empty();
        }
        String boundary = Headers.extractQuotedValueFromHeader(form.contentType(), "boundary");
        if (boundary == null) {
            return Optional.empty();
        }
        Parts parts = new Parts();
        try {
            MultipartParser.ParseState parser =
                    MultipartParser.beginParse(pool, parts, boundary.getBytes(StandardCharsets.US_ASCII), "UTF-8");
            parser.parse(ByteBuffer.wrap(form.body()));
            return parser.isComplete() ? Optional.of(parts.fields) : Optional.empty();
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }
}

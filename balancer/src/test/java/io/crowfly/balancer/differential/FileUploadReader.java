package io.crowfly.balancer.differential;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.fileupload2.core.AbstractFileUpload;
import org.apache.commons.fileupload2.core.DiskFileItem;
import org.apache.commons.fileupload2.core.DiskFileItemFactory;
import org.apache.commons.fileupload2.core.FileItemInputIterator;
import org.apache.commons.fileupload2.core.RequestContext;

/** Apache Commons FileUpload, which applications for servlet containers use. */
final class FileUploadReader implements FormReader {

    /** Larger than all generated forms, so that nothing is written to a file. */
    private static final int IN_MEMORY_BYTES = 1024 * 1024;

    private final Upload upload = new Upload();

    private static final class Upload extends AbstractFileUpload<Void, DiskFileItem, DiskFileItemFactory> {

        Upload() {
            setFileItemFactory(DiskFileItemFactory.builder()
                    .setBufferSize(IN_MEMORY_BYTES)
                    .setCharset(StandardCharsets.UTF_8)
                    .get());
        }

        @Override
        public FileItemInputIterator getItemIterator(Void request) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Map<String, List<DiskFileItem>> parseParameterMap(Void request) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<DiskFileItem> parseRequest(Void request) {
            throw new UnsupportedOperationException();
        }
    }

    private record Context(Form form) implements RequestContext {

        @Override
        public String getCharacterEncoding() {
            return "UTF-8";
        }

        @Override
        public long getContentLength() {
            return form.body().length;
        }

        @Override
        public String getContentType() {
            return form.contentType();
        }

        @Override
        public InputStream getInputStream() {
            return new ByteArrayInputStream(form.body());
        }

        @Override
        public boolean isMultipartRelated() {
            return false;
        }
    }

    @Override
    public Optional<List<Field>> read(Form form) {
        try {
            List<Field> fields = new ArrayList<>();
            for (DiskFileItem item : upload.parseRequest(new Context(form))) {
                fields.add(new Field(item.getFieldName(), item.getString()));
            }
            return Optional.of(fields);
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }
}

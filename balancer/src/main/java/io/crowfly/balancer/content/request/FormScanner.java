package io.crowfly.balancer.content.request;

import io.crowfly.balancer.content.json.DecodedText;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Scanner of a {@code multipart/form-data} request (RFC 7578, RFC 2046) that reads a few fields while the body passes.
 * Uploads of audio and images name their model in such a field, before or after the file.
 *
 * <p>Crowfly has its own scanner because Netty's decoder collects every part, in memory or in a file. Line breaks must
 * be CRLF. Text before the first delimiter and after the last is skipped.
 */
public final class FormScanner implements BodyScanner {

    private static final String MODEL = "model";
    private static final String STREAM = "stream";

    private enum Position {
        PREAMBLE,
        /** After a delimiter, whose line may end with blanks. Two hyphens mark the last delimiter. */
        AFTER_DELIMITER,
        AFTER_HYPHEN,
        PADDING,
        LINE_FEED,
        HEADERS,
        CONTENT,
        EPILOGUE
    }

    private final @Nullable FormDelimiter delimiter;
    private final PartHeaders partHeaders = new PartHeaders();
    private final DecodedText text;
    private final ModelField model = new ModelField();

    private State state = State.UNDECIDED;
    private String reason = "";
    private Position position = Position.PREAMBLE;
    private long offset;

    /** Offset of the first delimiter's hyphens, or -1 until that delimiter is found. */
    private long partsStart = -1;

    /** Name of the current part's field if its content is read; otherwise empty. */
    private String currentField = "";

    private long contentStart;
    private boolean streamRequested;

    /** @param contentType content type of the request, with the boundary */
    public FormScanner(String contentType) {
        delimiter = FormDelimiter.of(contentType).orElse(null);
        // The end of a content is known only after the delimiter, so both are kept until then.
        text = new DecodedText(MAX_MODEL_BYTES + (delimiter == null ? 0 : delimiter.length()));
        if (delimiter == null) {
            malformed("a form without a boundary");
        } else {
            delimiter.startLine();
        }
    }

    @Override
    public void scan(ByteBuf chunk) {
        if (delimiter == null || state == State.MALFORMED) {
            return;
        }
        int end = chunk.writerIndex();
        long shift = offset - chunk.readerIndex();
        int index = chunk.readerIndex();
        while (index < end && state != State.MALFORMED) {
            index = switch (position) {
                case PREAMBLE, CONTENT -> scanToDelimiter(delimiter, chunk, index, end);
                case EPILOGUE -> end;
                default -> acceptLineByte(chunk.getByte(index), index);
            };
            offset = shift + index;
        }
    }

    @Override
    public State state() {
        return state;
    }

    @Override
    public String reason() {
        return reason;
    }

    @Override
    public long offset() {
        return offset;
    }

    @Override
    public ModelValue modelValue() {
        return model.value();
    }

    @Override
    public Optional<String> model() {
        return model.name();
    }

    @Override
    public boolean duplicateModel() {
        return model.duplicate();
    }

    @Override
    public boolean streamRequested() {
        return streamRequested;
    }

    /** Returns false, because no endpoint that accepts a form has a field for this. */
    @Override
    public boolean storeEnabled() {
        return false;
    }

    @Override
    public boolean storeDisabled() {
        return false;
    }

    @Override
    public boolean usesStoredState() {
        return false;
    }

    @Override
    public List<String> referencedIds() {
        return List.of();
    }

    @Override
    public SpanEdit renameModel(String name) {
        if (modelKnown()) {
            return new SpanEdit(model.start(), model.end(), name.getBytes(StandardCharsets.UTF_8));
        }
        if (delimiter == null || state != State.COMPLETE || model.value() != ModelValue.ABSENT) {
            throw new IllegalStateException("no place for a name: " + state + ", " + model.value());
        }
        String part = delimiter.delimiterLine() + "\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n" + name
                + "\r\n";
        return new SpanEdit(partsStart, partsStart, part.getBytes(StandardCharsets.UTF_8));
    }

    private int scanToDelimiter(FormDelimiter delimiter, ByteBuf chunk, int index, int end) {
        int after = delimiter.find(chunk, index, end);
        int stop = after < 0 ? end : after;
        if (!currentField.isEmpty()) {
            for (int i = index; i < stop && !text.tooLong(); i++) {
                text.append(chunk.getByte(i));
            }
        }
        if (after >= 0) {
            long delimiterEnd = offset + (after - index);
            if (partsStart < 0) {
                partsStart = delimiterEnd - delimiter.delimiterLine().length();
            }
            if (!currentField.isEmpty()) {
                endContent(delimiterEnd - delimiter.length(), delimiter.length());
            }
            position = Position.AFTER_DELIMITER;
        }
        return stop;
    }

    private void endContent(long end, int delimiterLength) {
        if (!text.tooLong()) {
            text.removeLast(delimiterLength);
        }
        if (currentField.equals(MODEL)) {
            model.setString(text, contentStart, end);
        } else {
            streamRequested = !text.tooLong() && text.toString().equalsIgnoreCase("true");
        }
    }

    private int acceptLineByte(byte b, int index) {
        switch (position) {
            case AFTER_DELIMITER -> {
                if (b == '-') {
                    position = Position.AFTER_HYPHEN;
                } else {
                    acceptPadding(b);
                }
            }
            case AFTER_HYPHEN -> {
                if (b == '-') {
                    position = Position.EPILOGUE;
                    state = State.COMPLETE;
                } else {
                    malformed("unexpected text after a delimiter");
                }
            }
            case LINE_FEED -> {
                if (b == '\n') {
                    position = Position.HEADERS;
                    partHeaders.start();
                } else {
                    malformed("a line break was expected");
                }
            }
            case HEADERS -> acceptHeaderByte(b);
            default -> acceptPadding(b);
        }
        return state == State.MALFORMED ? index : index + 1;
    }

    private void acceptPadding(byte b) {
        if (b == '\r') {
            position = Position.LINE_FEED;
        } else if (b == ' ' || b == '\t') {
            position = Position.PADDING;
        } else {
            // Some parsers would read this line as content, others as a delimiter.
            malformed("unexpected text after a delimiter");
        }
    }

    private void acceptHeaderByte(byte b) {
        switch (partHeaders.accept(b)) {
            case MORE -> {}
            case TOO_LARGE -> malformed("the headers of a part are too large");
            case MALFORMED -> malformed("an incomplete line break in the headers of a part");
            case ENDED -> startPart(partHeaders.fieldName().orElse(""));
        }
    }

    private void startPart(String name) {
        boolean wanted = name.equals(STREAM) || name.equals(MODEL) && model.startValue();
        currentField = wanted ? name : "";
        text.clear();
        contentStart = offset + 1;
        position = Position.CONTENT;
    }

    private void malformed(String cause) {
        state = State.MALFORMED;
        reason = cause;
    }
}

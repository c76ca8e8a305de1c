package io.crowfly.balancer.content;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads a few fields of a {@code multipart/form-data} request (RFC 7578, RFC 2046) while the body passes: uploads of audio and
 * images name their model this way, before or after the file.
 *
 * <p>Written here because Netty's decoder gathers every part, in memory or in a file. Line breaks are CRLF, as they must be;
 * what precedes the first delimiter and follows the last is passed over.
 */
public final class FormScanner implements BodyScanner {

    private static final String MODEL = "model";
    private static final String STREAM = "stream";

    private enum Position {
        PREAMBLE,
        /** After a delimiter, whose line may end with blanks; two hyphens make it the last one. */
        AFTER_DELIMITER,
        AFTER_HYPHEN,
        PADDING,
        LINE_FEED,
        HEAD,
        CONTENT,
        EPILOGUE
    }

    private final @Nullable FormDelimiter delimiter;
    private final PartHead head = new PartHead();
    private final DecodedText text;
    private final NamedModel model = new NamedModel();

    private State state = State.UNDECIDED;
    private String reason = "";
    private Position position = Position.PREAMBLE;
    private long offset;

    /** Offset of the first delimiter's hyphens, or -1 before. */
    private long partsStart = -1;

    /** The field that the present part is, if its content is wanted; else empty. */
    private String field = "";

    private long contentStart;
    private boolean stream;

    /** @param contentType the request's, with the boundary */
    public FormScanner(String contentType) {
        delimiter = FormDelimiter.of(contentType).orElse(null);
        // A content is known to have ended once the delimiter has, and is kept with it until then.
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
                case PREAMBLE, CONTENT -> untilDelimiter(delimiter, chunk, index, end);
                case EPILOGUE -> end;
                default -> line(chunk.getByte(index), index);
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
    public ModelField modelField() {
        return model.field();
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
    public boolean stream() {
        return stream;
    }

    /** Nothing that takes a form lets it choose. */
    @Override
    public boolean asksToStore() {
        return false;
    }

    @Override
    public boolean asksNotToStore() {
        return false;
    }

    @Override
    public boolean refersToStored() {
        return false;
    }

    @Override
    public List<String> references() {
        return List.of();
    }

    @Override
    public SpanEdit rename(String name) {
        if (modelKnown()) {
            return new SpanEdit(model.start(), model.end(), name.getBytes(StandardCharsets.UTF_8));
        }
        if (delimiter == null || state != State.COMPLETE || model.field() != ModelField.ABSENT) {
            throw new IllegalStateException("no place for a name: " + state + ", " + model.field());
        }
        String part = delimiter.line() + "\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n" + name + "\r\n";
        return new SpanEdit(partsStart, partsStart, part.getBytes(StandardCharsets.UTF_8));
    }

    private int untilDelimiter(FormDelimiter delimiter, ByteBuf chunk, int index, int end) {
        int after = delimiter.find(chunk, index, end);
        int stop = after < 0 ? end : after;
        if (!field.isEmpty()) {
            for (int i = index; i < stop && !text.tooLong(); i++) {
                text.append(chunk.getByte(i));
            }
        }
        if (after >= 0) {
            long delimiterEnd = offset + (after - index);
            if (partsStart < 0) {
                partsStart = delimiterEnd - delimiter.line().length();
            }
            if (!field.isEmpty()) {
                content(delimiterEnd - delimiter.length(), delimiter.length());
            }
            position = Position.AFTER_DELIMITER;
        }
        return stop;
    }

    private void content(long end, int delimiterLength) {
        if (!text.tooLong()) {
            text.drop(delimiterLength);
        }
        if (field.equals(MODEL)) {
            model.is(text, contentStart, end);
        } else {
            stream = !text.tooLong() && text.toString().equalsIgnoreCase("true");
        }
    }

    private int line(byte b, int index) {
        switch (position) {
            case AFTER_DELIMITER -> {
                if (b == '-') {
                    position = Position.AFTER_HYPHEN;
                } else {
                    padding(b);
                }
            }
            case AFTER_HYPHEN -> {
                if (b == '-') {
                    position = Position.EPILOGUE;
                    state = State.COMPLETE;
                } else {
                    malformed("a delimiter that goes on");
                }
            }
            case LINE_FEED -> {
                if (b == '\n') {
                    position = Position.HEAD;
                    head.start();
                } else {
                    malformed("a line break was expected");
                }
            }
            case HEAD -> head(b);
            default -> padding(b);
        }
        return state == State.MALFORMED ? index : index + 1;
    }

    private void padding(byte b) {
        if (b == '\r') {
            position = Position.LINE_FEED;
        } else if (b == ' ' || b == '\t') {
            position = Position.PADDING;
        } else {
            // Some would take it for content, others for the delimiter that it begins like.
            malformed("a delimiter that goes on");
        }
    }

    private void head(byte b) {
        switch (head.accept(b)) {
            case MORE -> {}
            case TOO_LARGE -> malformed("the head of a part is too large");
            case MALFORMED -> malformed("half a line break in the head of a part");
            case ENDED -> startPart(head.fieldName().orElse(""));
        }
    }

    private void startPart(String name) {
        boolean wanted = name.equals(STREAM) || name.equals(MODEL) && model.begin();
        field = wanted ? name : "";
        text.clear();
        contentStart = offset + 1;
        position = Position.CONTENT;
    }

    private void malformed(String why) {
        state = State.MALFORMED;
        reason = why;
    }
}

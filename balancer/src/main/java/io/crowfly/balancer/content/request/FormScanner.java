package io.crowfly.balancer.content.request;

import io.crowfly.balancer.content.json.DecodedText;
import io.netty.buffer.ByteBuf;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Scanner of a {@code multipart/form-data} request (RFC 7578, RFC 2046) that reads a few fields while the body passes.
 * Uploads of audio and images name their model in such a field, before or after the file.
 *
 * <p>Crowfly has its own scanner for two reasons. Netty's decoder collects every part, in memory or in a file. And
 * servers must not find another model than the one by which a request was routed, so a form that parsers may read in
 * different ways is {@link State#MALFORMED}. The form must begin with a delimiter and end after the last one.
 * Delimiters and headers end with CRLF and nothing else. {@link PartHead} says what headers a part may have.
 */
public final class FormScanner extends BodyScanner {

    private static final String MODEL = "model";
    private static final String STREAM = "stream";

    /** Field whose content names the encoding of all fields (RFC 7578 section 4.6), for the parsers that know it. */
    private static final String CHARSET = "_charset_";

    private enum Position {
        /** The hyphens and the boundary with which the form begins. */
        FIRST_DELIMITER,
        /** Two hyphens mark the last delimiter. */
        AFTER_DELIMITER,
        AFTER_HYPHEN,
        LINE_FEED,
        HEADERS,
        CONTENT,
        EPILOGUE
    }

    /** Field whose content is read. */
    private enum Field {
        NONE,
        MODEL,
        STREAM
    }

    private final @Nullable FormDelimiter delimiter;
    private final PartHeaders partHeaders = new PartHeaders();
    private final DecodedText text;

    private String reason = "";
    private Position position = Position.FIRST_DELIMITER;
    private long offset;

    /** Headers of the current part; null before the first part. */
    private @Nullable PartHead part;

    private Field field = Field.NONE;
    private long contentStart;

    /** @param contentType content type of the request, with the boundary */
    public FormScanner(String contentType) {
        delimiter = FormDelimiter.of(contentType).orElse(null);
        // The end of a content is known only after the delimiter, so both are kept until then.
        text = new DecodedText(MAX_MODEL_BYTES + (delimiter == null ? 0 : delimiter.length()));
        if (delimiter == null) {
            malformed("the content type is not that of a form with one plain boundary");
        }
    }

    @Override
    public void scan(ByteBuf chunk) {
        if (delimiter == null || state() == State.MALFORMED) {
            return;
        }
        int end = chunk.writerIndex();
        long shift = offset - chunk.readerIndex();
        int index = chunk.readerIndex();
        while (index < end && state() != State.MALFORMED) {
            index = position == Position.CONTENT
                    ? scanContent(delimiter, chunk, index, end)
                    : acceptLineByte(delimiter, chunk.getByte(index), index);
            offset = shift + index;
        }
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
    String asValue(String name) {
        return name;
    }

    @Override
    String asField(String name) {
        String line = delimiter == null ? "" : delimiter.delimiterLine();
        return line + "\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n" + name + "\r\n";
    }

    /** Returns 0: the new part comes first. */
    @Override
    long insertionPoint() {
        return 0;
    }

    private int scanContent(FormDelimiter delimiter, ByteBuf chunk, int index, int end) {
        int after = delimiter.find(chunk, index, end);
        int stop = after < 0 ? end : after;
        if (field != Field.NONE) {
            for (int i = index; i < stop && !text.tooLong(); i++) {
                text.append(chunk.getByte(i));
            }
        }
        if (after >= 0) {
            long contentEnd = offset + (after - index) - delimiter.length();
            if (!delimiter.isAfterLineBreak()) {
                malformed("a delimiter without a line break before it");
            } else if (part != null && !part.allowsLength(contentEnd - contentStart)) {
                malformed("the content of a part does not have the declared length");
            } else {
                endContent(contentEnd, delimiter.length());
            }
            position = Position.AFTER_DELIMITER;
        }
        return stop;
    }

    private void endContent(long end, int delimiterLength) {
        if (field != Field.NONE && !text.tooLong()) {
            text.removeLast(delimiterLength);
        }
        if (field == Field.STREAM) {
            setStreamRequested(!text.tooLong() && text.toString().equalsIgnoreCase("true"));
        } else if (field == Field.MODEL && !text.tooLong() && !isDecodedAlike(text.toString())) {
            malformed("parsers decode the name of the model in different ways");
        } else if (field == Field.MODEL) {
            model.setString(text, contentStart, end);
        }
    }

    /** Returns whether all parsers decode the current part's content to this text. */
    private boolean isDecodedAlike(String content) {
        return TextEncoding.isAscii(content)
                || part != null && part.isUtf8() && content.indexOf(ModelField.REPLACEMENT) < 0;
    }

    private int acceptLineByte(FormDelimiter delimiter, byte b, int index) {
        switch (position) {
            case FIRST_DELIMITER -> {
                if (b != delimiter.lineByte((int) offset)) {
                    malformed("text before the first delimiter");
                } else if (offset + 1 == delimiter.lineLength()) {
                    position = Position.AFTER_DELIMITER;
                }
            }
            case AFTER_DELIMITER -> {
                position = b == '-' ? Position.AFTER_HYPHEN : Position.LINE_FEED;
                if (b != '-' && b != '\r') {
                    malformed("unexpected text after a delimiter");
                }
            }
            case AFTER_HYPHEN -> {
                position = Position.EPILOGUE;
                if (b == '-') {
                    setState(State.COMPLETE);
                } else {
                    malformed("unexpected text after a delimiter");
                }
            }
            case LINE_FEED -> {
                position = Position.HEADERS;
                partHeaders.start();
                if (b != '\n') {
                    malformed("a line break was expected");
                }
            }
            case HEADERS -> acceptHeaderByte(delimiter, b);
            case EPILOGUE, CONTENT -> {
                if (b != '\r' && b != '\n' && b != ' ' && b != '\t') {
                    // Some parsers do not stop at the last delimiter.
                    malformed("text after the last delimiter");
                }
            }
        }
        return state() == State.MALFORMED ? index : index + 1;
    }

    private void acceptHeaderByte(FormDelimiter delimiter, byte b) {
        switch (partHeaders.accept(b)) {
            case MORE -> {}
            case TOO_LARGE -> malformed("the headers of a part are too large");
            case MALFORMED -> malformed("an incomplete line break in the headers of a part");
            case ENDED -> startPart(delimiter, partHeaders.head());
        }
    }

    private void startPart(FormDelimiter delimiter, Optional<PartHead> head) {
        if (head.isEmpty() || head.get().name().equals(CHARSET)) {
            malformed("parsers read the headers of a part in different ways");
            return;
        }
        part = head.get();
        field = part.resemblesModel(MODEL) || part.name().equals(MODEL)
                ? startModel(part)
                : part.name().equals(STREAM) && !part.isFile() ? Field.STREAM : Field.NONE;
        text.clear();
        contentStart = offset + 1;
        delimiter.startContent();
        position = Position.CONTENT;
    }

    private Field startModel(PartHead head) {
        if (head.isFile() || !head.isText()) {
            // For some parsers a file is a field as well, and JSON is a name in quotes.
            malformed("the model is not a plain field");
        } else if (model.startValue()) {
            if (head.name().equals(MODEL)) {
                return Field.MODEL;
            }
            model.setMisspelt();
        }
        return Field.NONE;
    }

    private void malformed(String cause) {
        setState(State.MALFORMED);
        reason = cause;
    }
}

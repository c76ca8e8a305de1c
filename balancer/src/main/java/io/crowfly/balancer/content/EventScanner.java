package io.crowfly.balancer.content;

import io.netty.buffer.ByteBuf;
import io.netty.util.ByteProcessor;

/**
 * Follows a {@code text/event-stream} (WHATWG HTML, section 9.2) of a model's answer as it passes: whether the first
 * token has come, whether an event reports an error, whether the stream has ended as it should. See the package for
 * ownership and threads.
 *
 * <p>The first event is not the first token: Azure begins with an event of {@code "choices":[]} about its filter, others
 * with one that only names the role. A token is a non-empty {@code content}, {@code reasoning_content} or {@code
 * tool_calls} in {@code choices[].delta}, a non-empty {@code choices[].text}, or a {@code response.….delta} of the Responses API.
 *
 * <p>An event counts when the blank line after it has come, as it does for clients, and only if its data is a JSON object;
 * {@code [DONE]} counts at once, since some servers close right after it.
 */
public final class EventScanner {

    private static final Names FIELDS = new Names("data", "event");
    private static final int DATA = 0;
    private static final int EVENT = 1;

    private static final Names DONE = new Names("[DONE]");
    private static final Names EVENTS =
            new Names("error", "response.failed", "response.completed", "response.incomplete");
    private static final int ERROR = 0;
    private static final int FAILED = 1;

    /**
     * So many events with a token, and events are no longer read but counted: reading one costs 600 ns, a thirtieth of what
     * passing it on does, finding its end a tenth of that. Behind the last token come an event or two that have none, and are
     * counted then, too: of that many, they are a few in a hundred.
     */
    private static final int READ_TOKENS = 32;

    private enum Position {
        FIELD_NAME,
        /** After the colon, where one space does not count. */
        BEFORE_VALUE,
        VALUE
    }

    private final NameMatcher fieldNames = new NameMatcher(FIELDS);
    private final NameMatcher doneMark = new NameMatcher(DONE);
    private final NameMatcher eventName = new NameMatcher(EVENTS);
    private final EventData data = new EventData();

    private Position position = Position.FIELD_NAME;
    private int field = NameMatcher.NONE;
    private boolean emptyLine = true;

    /** A line feed that follows belongs to the line before. */
    private boolean afterCarriageReturn;

    /** Which of {@link #EVENTS} the present event is named, or {@link NameMatcher#NONE}. */
    private int event = NameMatcher.NONE;

    /** Whether the present event has data other than {@code [DONE]}. */
    private boolean hasData;

    private long tokens;
    private boolean errorEvent;
    private boolean done;

    /** Looks at the next bytes of the stream, however it is cut. Borrows the chunk: moves no index, keeps no reference. */
    public void scan(ByteBuf chunk) {
        int end = chunk.writerIndex();
        for (int index = chunk.readerIndex(); index < end; ) {
            index = switch (position) {
                case FIELD_NAME -> fieldName(chunk.getByte(index), index);
                case BEFORE_VALUE -> beforeValue(chunk.getByte(index), index);
                case VALUE -> value(chunk, index, end);
            };
        }
    }

    /** An event with a token, or part of one, has come. */
    public boolean firstTokenSeen() {
        return tokens > 0;
    }

    /**
     * How many events have carried a token, or part of one: exact for the first {@value #READ_TOKENS}. A backend that filters its output may send
     * many tokens in each.
     */
    public long tokens() {
        return tokens;
    }

    /** The stream has come to its end: {@code [DONE]}, {@code response.completed}, {@code .incomplete} or {@code .failed}. */
    public boolean done() {
        return done;
    }

    /** An event has reported an error, the only way to once the status has been sent. Far into a stream, by its name only. */
    public boolean errorEvent() {
        return errorEvent;
    }

    private int fieldName(byte b, int index) {
        boolean endsPair = afterCarriageReturn && b == '\n';
        afterCarriageReturn = false;
        if (endsPair) {
            return index + 1;
        }
        if (b == '\n' || b == '\r') {
            endLine(b);
        } else {
            emptyLine = false;
            if (b == ':') {
                field = fieldNames.match();
                position = Position.BEFORE_VALUE;
            } else {
                fieldNames.accept(b);
            }
        }
        return index + 1;
    }

    private int beforeValue(byte b, int index) {
        position = Position.VALUE;
        doneMark.reset();
        eventName.reset();
        return b == ' ' ? index + 1 : index;
    }

    private int value(ByteBuf chunk, int index, int end) {
        int lineEnd = chunk.forEachByte(index, end - index, ByteProcessor.FIND_CRLF);
        int stop = lineEnd < 0 ? end : lineEnd;
        if (field == DATA) {
            match(doneMark, chunk, index, stop);
            done |= doneMark.match() != NameMatcher.NONE;
            if (tokens < READ_TOKENS) {
                // The line's end is white space to JSON, and stands for the one between two lines of data.
                data.scan(chunk, index, lineEnd < 0 ? end : lineEnd + 1);
            }
        } else if (field == EVENT) {
            match(eventName, chunk, index, stop);
        }
        if (lineEnd < 0) {
            return end;
        }
        endLine(chunk.getByte(lineEnd));
        return lineEnd + 1;
    }

    private static void match(NameMatcher matcher, ByteBuf chunk, int from, int to) {
        for (int index = from; index < to && matcher.canStillMatch(); index++) {
            matcher.accept(chunk.getByte(index));
        }
    }

    private void endLine(byte b) {
        if (emptyLine) {
            endEvent();
        } else if (field == EVENT) {
            event = eventName.match();
        } else if (field == DATA) {
            hasData |= doneMark.match() == NameMatcher.NONE;
        }
        afterCarriageReturn = b == '\r';
        position = Position.FIELD_NAME;
        field = NameMatcher.NONE;
        fieldNames.reset();
        emptyLine = true;
    }

    private void endEvent() {
        if (tokens >= READ_TOKENS) {
            tokens += hasData ? 1 : 0;
            done |= event != NameMatcher.NONE && event != ERROR;
            errorEvent |= event == FAILED;
        } else if (data.complete()) {
            tokens += data.carriesContent() ? 1 : 0;
            errorEvent |= data.reportsError();
            done |= data.endsStream();
        }
        errorEvent |= event == ERROR;
        event = NameMatcher.NONE;
        hasData = false;
        data.reset();
    }
}

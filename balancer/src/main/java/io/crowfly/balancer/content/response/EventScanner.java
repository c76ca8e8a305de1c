package io.crowfly.balancer.content.response;

import io.crowfly.balancer.content.json.ByteSearch;
import io.crowfly.balancer.content.json.ChunkView;
import io.crowfly.balancer.content.json.NameMatcher;
import io.crowfly.balancer.content.json.NameTable;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Scanner of a token stream, a {@code text/event-stream} response (WHATWG HTML, section 9.2), while it passes. Finds
 * the first token, error events, the regular end of the stream, ids, and the token usage. See the package {@code
 * content} for ownership and threads.
 *
 * <p>The first event is not the first token: Azure begins with an event of {@code "choices":[]} about its filter, other
 * servers with an event that names only the role. The first token is the first event with content, as {@link
 * EventDataScanner} defines it. Data that is not a JSON object is content too, because its meaning is unknown; an event
 * without data is not.
 *
 * <p>An event is evaluated once the blank line after it was received, as clients do. {@code [DONE]} is evaluated at
 * once, because some servers close the connection right after it.
 */
public final class EventScanner {

    private static final NameTable FIELDS = new NameTable("data", "event");
    private static final int DATA = 0;
    private static final int EVENT = 1;

    private static final NameTable DONE = new NameTable("[DONE]");
    private static final NameTable EVENTS = new NameTable(
            "error",
            "response.failed",
            "response.completed",
            "response.incomplete",
            "response.output_item.added",
            "ping",
            "keepalive");
    private static final int ERROR = 0;
    private static final int FAILED = 1;
    private static final int ITEM_ADDED = 4;
    private static final int PING = 5;

    /** Prefix that makes a JSON object of its own out of the text that follows the key {@code usage}. */
    private static final ByteBuffer BEFORE_USAGE = constant("{\"usage\":");

    private static final NameTable ERROR_OBJECT = new NameTable("{\"error\":");
    private static final ByteBuffer BEFORE_ERROR = constant("{\"error\":");

    /**
     * After this number of events with content, events are counted but no longer parsed. Parsing an event costs 600 ns,
     * a thirtieth of the cost of forwarding it; finding its end costs a tenth of that. The one or two events without a
     * token at the end of a stream are then counted too, an error of at most two in {@value}. Still parsed are events
     * whose name requires it, objects whose first key is {@code error}, and the usage in any other event.
     */
    private static final int MAX_PARSED_EVENTS = 16;

    private enum Position {
        FIELD_NAME,
        /** After the colon, where one space is ignored. */
        BEFORE_VALUE,
        VALUE
    }

    private final NameMatcher fieldNames = new NameMatcher(FIELDS);
    private final NameMatcher doneMark = new NameMatcher(DONE);
    private final NameMatcher errorObject = new NameMatcher(ERROR_OBJECT);
    private final NameMatcher eventName = new NameMatcher(EVENTS);
    private final EventDataScanner data = new EventDataScanner();
    private final UsageKeyFinder usageKey = new UsageKeyFinder();

    private Position position = Position.FIELD_NAME;
    private int fieldIndex = NameMatcher.NONE;
    private boolean lineEmpty = true;

    /** Whether no byte of the current field's value has been read. */
    private boolean valueEmpty = true;

    /** Whether the last byte was a carriage return. If a line feed follows, both are one line end. */
    private boolean afterCarriageReturn;

    /** Whether any line has ended with a carriage return that no line feed followed. */
    private boolean plainCarriageReturns;

    /** Whether a line that is not a comment was read since the last empty line. */
    private boolean eventStarted;

    /** Index in {@link #EVENTS} of the current event's name; {@link NameMatcher#NONE} if the name is another one. */
    private int eventNameIndex = NameMatcher.NONE;

    /** Whether the current event has data other than {@code [DONE]}, at least one byte. */
    private boolean hasData;

    /** Whether a part of the current event was found that is parsed after {@link #MAX_PARSED_EVENTS} too. */
    private boolean parsedPartFound;

    private long tokens;

    /** Number of events with content, counted up to {@link #MAX_PARSED_EVENTS}. */
    private int contents;

    private boolean errorEvent;
    private @Nullable ReportedError errorBeforeToken;
    private boolean done;

    /** Reads the next bytes of the stream, cut anywhere. Borrows the chunk: moves no index, keeps no reference. */
    public void scan(ByteBuf chunk) {
        ChunkView.scan(chunk, this::scan);
    }

    private void scan(ByteBuffer bytes) {
        int end = bytes.limit();
        for (int index = 0; index < end; ) {
            index = switch (position) {
                case FIELD_NAME -> readFieldName(bytes.get(index), index);
                case BEFORE_VALUE -> skipSpaceBeforeValue(bytes.get(index), index);
                case VALUE -> readValue(bytes, index, end);
            };
        }
    }

    /** Returns whether the first token, which is the first event with content, was received. */
    public boolean firstTokenSeen() {
        return contents > 0;
    }

    /** Returns the error that an event has reported before the first token; null if none has. */
    public @Nullable ReportedError errorBeforeToken() {
        return errorBeforeToken;
    }

    /**
     * Called at the end of the stream. Evaluates an event whose blank line is missing, because some servers omit the
     * blank line after the last event.
     */
    public void end() {
        if (eventStarted && data.complete()) {
            endEvent();
        }
    }

    /**
     * Returns the number of events with a token or a part of one; exact for the first {@value #MAX_PARSED_EVENTS}. A
     * backend that filters its output may send many tokens in one event.
     */
    public long tokens() {
        return tokens;
    }

    /**
     * Returns whether the stream has reached its regular end: {@code [DONE]}, {@code response.completed}, {@code
     * .incomplete} or {@code .failed}.
     */
    public boolean done() {
        return done;
    }

    /**
     * Returns whether an event has reported an error, the only way to report an error after the status was sent. After
     * {@value #MAX_PARSED_EVENTS} tokens, only the names of events and the first key of their data are checked.
     */
    public boolean errorEvent() {
        return errorEvent;
    }

    /**
     * Returns whether the last event or comment is complete; true also at the start. At such a boundary Crowfly may
     * insert a comment line or an event.
     *
     * <p>The position after a carriage return is no boundary while a line feed may follow. The line feed would make an
     * empty line after the inserted text, and some clients treat an empty line as an event. Once a line has ended with
     * a carriage return alone, the next lines are assumed to end in the same way.
     */
    public boolean atEventBoundary() {
        return position == Position.FIELD_NAME
                && lineEmpty
                && !eventStarted
                && (plainCarriageReturns || !afterCarriageReturn);
    }

    /** Returns the token usage of the response, as last reported; empty if none was. */
    public Optional<Usage> usage() {
        return data.usage();
    }

    /**
     * Returns the ids of stored objects so far: those of the response, its conversation and its reasoning, each once.
     * The id of a chat completion is included, although a backend stores one only if the request enables {@code store}.
     */
    public List<String> ids() {
        return data.ids();
    }

    private int readFieldName(byte b, int index) {
        if (afterCarriageReturn) {
            afterCarriageReturn = false;
            plainCarriageReturns = b != '\n';
            if (b == '\n') {
                return index + 1;
            }
        }
        if (b == '\n' || b == '\r') {
            endLine(b);
        } else {
            // A colon at the start of a line begins a comment.
            eventStarted |= lineEmpty && b != ':';
            lineEmpty = false;
            if (b == ':') {
                fieldIndex = fieldNames.match();
                position = Position.BEFORE_VALUE;
            } else {
                fieldNames.accept(b);
            }
        }
        return index + 1;
    }

    private int skipSpaceBeforeValue(byte b, int index) {
        position = Position.VALUE;
        doneMark.reset();
        errorObject.reset();
        eventName.reset();
        valueEmpty = true;
        return b == ' ' ? index + 1 : index;
    }

    private int readValue(ByteBuffer bytes, int index, int end) {
        int stop = ByteSearch.lineEnd(bytes, index, end);
        valueEmpty &= stop == index;
        if (fieldIndex == DATA) {
            match(doneMark, bytes, index, stop);
            done |= doneMark.match() != NameMatcher.NONE;
            // The line end is read too: it is white space in JSON, and separates two lines of data.
            readData(bytes, index, Math.min(stop + 1, end));
        } else if (fieldIndex == EVENT) {
            match(eventName, bytes, index, stop);
        }
        if (stop == end) {
            return end;
        }
        endLine(bytes.get(stop));
        return stop + 1;
    }

    private void readData(ByteBuffer bytes, int from, int to) {
        int index = from;
        if (contents >= MAX_PARSED_EVENTS && eventNameIndex == NameMatcher.NONE && !parsedPartFound) {
            index = findParsedPart(bytes, from, to);
            if (index < 0) {
                return;
            }
            parsedPartFound = true;
        }
        data.scan(bytes, index, to);
    }

    /** Returns the index after the key {@code error} at the start, or before the value of usage; -1 for neither. */
    private int findParsedPart(ByteBuffer bytes, int from, int to) {
        for (int index = from; index < to && errorObject.canStillMatch(); index++) {
            errorObject.accept(bytes.get(index));
            if (errorObject.match() != NameMatcher.NONE) {
                data.scan(BEFORE_ERROR, 0, BEFORE_ERROR.limit());
                return index + 1;
            }
        }
        int index = usageKey.find(bytes, from, to);
        if (index >= 0) {
            data.scan(BEFORE_USAGE, 0, BEFORE_USAGE.limit());
        }
        return index;
    }

    private static void match(NameMatcher matcher, ByteBuffer bytes, int from, int to) {
        for (int index = from; index < to && matcher.canStillMatch(); index++) {
            matcher.accept(bytes.get(index));
        }
    }

    private void endLine(byte b) {
        if (lineEmpty) {
            endEvent();
        } else if (fieldIndex == EVENT) {
            eventNameIndex = eventName.match();
        } else if (fieldIndex == DATA) {
            hasData |= !valueEmpty && doneMark.match() == NameMatcher.NONE;
        }
        afterCarriageReturn = b == '\r';
        position = Position.FIELD_NAME;
        fieldIndex = NameMatcher.NONE;
        fieldNames.reset();
        lineEmpty = true;
    }

    private void endEvent() {
        if (contents >= MAX_PARSED_EVENTS) {
            boolean error =
                    eventNameIndex == FAILED || eventNameIndex == ERROR || data.complete() && data.reportsError();
            errorEvent |= error;
            tokens += hasData && !error ? 1 : 0;
            done |= eventNameIndex >= FAILED && eventNameIndex < ITEM_ADDED;
        } else {
            evaluateEvent();
        }
        eventNameIndex = NameMatcher.NONE;
        hasData = false;
        eventStarted = false;
        parsedPartFound = false;
        usageKey.reset();
        data.reset();
    }

    private void evaluateEvent() {
        boolean readable = data.complete();
        if (eventNameIndex == ERROR || readable && data.reportsError()) {
            errorEvent = true;
            if (contents == 0 && errorBeforeToken == null) {
                errorBeforeToken = readable ? data.error() : ReportedError.UNSPECIFIED;
            }
        } else if (eventNameIndex < PING && (readable ? data.carriesContent() : hasData)) {
            contents++;
            tokens += readable && data.carriesToken() ? 1 : 0;
        }
        done |= readable && data.endsStream();
    }

    /** Returns the text for all threads: its position and limit must not be changed. */
    private static ByteBuffer constant(String ascii) {
        return ChunkView.of(ascii.getBytes(StandardCharsets.US_ASCII));
    }
}

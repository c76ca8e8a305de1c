package io.crowfly.balancer.content;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Follows a {@code text/event-stream} (WHATWG HTML, section 9.2) of a model's answer as it passes: whether the first
 * token has come, whether an event reports an error, whether the stream has ended as it should, what it has cost. See the
 * package for ownership and threads.
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
    private static final Names EVENTS = new Names(
            "error", "response.failed", "response.completed", "response.incomplete", "response.output_item.added");
    private static final int ERROR = 0;
    private static final int FAILED = 1;
    private static final int ITEM_ADDED = 4;

    /** What follows the key {@code usage} in an object is one itself once this stands before it. */
    private static final ByteBuf BEFORE_USAGE =
            Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer("{\"usage\":".getBytes(StandardCharsets.US_ASCII)));

    /**
     * So many events with a token, and events are no longer read but counted: reading one costs 600 ns, a thirtieth of what
     * passing it on does, finding its end a tenth of that. Behind the last token come an event or two that have none, and are
     * counted then, too: of that many, they are a few in a hundred. What is read still is an event whose name says that there
     * is more in it, and of any other the usage.
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
    private final UsageKey usageKey = new UsageKey();

    private Position position = Position.FIELD_NAME;
    private int field = NameMatcher.NONE;
    private boolean emptyLine = true;

    /** A line feed that follows belongs to the line before. */
    private boolean afterCarriageReturn;

    /** A line has ended with a carriage return alone. */
    private boolean plainCarriageReturns;

    /** Something other than comments has come since the last empty line. */
    private boolean eventBegun;

    /** Which of {@link #EVENTS} the present event is named, or {@link NameMatcher#NONE}. */
    private int event = NameMatcher.NONE;

    /** Whether the present event has data other than {@code [DONE]}. */
    private boolean hasData;

    /** Whether the present event is read from its usage on. */
    private boolean usageFound;

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

    /**
     * Whether all that has come are whole events, and comments; also at the start. Here a comment line may be put in, or an
     * event of our own.
     *
     * <p>Not after a carriage return that a line feed may follow: the line feed would make an empty line behind what is put in,
     * which some clients take for an event. Where one carriage return has been seen to end a line, the next is taken to as well.
     */
    public boolean atEventBoundary() {
        return position == Position.FIELD_NAME
                && emptyLine
                && !eventBegun
                && (plainCarriageReturns || !afterCarriageReturn);
    }

    /** What the answer has cost, as last reported. */
    public Optional<Usage> usage() {
        return data.usage();
    }

    /**
     * The ids so far of what the backend keeps: the response's, its conversation's, those of its reasoning; each once. That of
     * a chat completion is among them, though it is kept only if the request asked for it.
     */
    public List<String> ids() {
        return data.ids();
    }

    private int fieldName(byte b, int index) {
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
            // A colon in the first place begins a comment.
            eventBegun |= emptyLine && b != ':';
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
        int stop = PlainText.lineEnd(chunk, index, end);
        if (field == DATA) {
            match(doneMark, chunk, index, stop);
            done |= doneMark.match() != NameMatcher.NONE;
            // The line's end is white space to JSON, and stands for the one between two lines of data.
            data(chunk, index, Math.min(stop + 1, end));
        } else if (field == EVENT) {
            match(eventName, chunk, index, stop);
        }
        if (stop == end) {
            return end;
        }
        endLine(chunk.getByte(stop));
        return stop + 1;
    }

    private void data(ByteBuf chunk, int from, int to) {
        int index = from;
        if (tokens >= READ_TOKENS && event == NameMatcher.NONE && !usageFound) {
            index = usageKey.find(chunk, from, to);
            if (index < 0) {
                return;
            }
            usageFound = true;
            data.scan(BEFORE_USAGE, 0, BEFORE_USAGE.writerIndex());
        }
        data.scan(chunk, index, to);
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
            done |= event >= FAILED && event < ITEM_ADDED;
            errorEvent |= event == FAILED;
        } else if (data.complete()) {
            tokens += data.carriesContent() ? 1 : 0;
            errorEvent |= data.reportsError();
            done |= data.endsStream();
        }
        errorEvent |= event == ERROR;
        event = NameMatcher.NONE;
        hasData = false;
        eventBegun = false;
        usageFound = false;
        usageKey.reset();
        data.reset();
    }
}

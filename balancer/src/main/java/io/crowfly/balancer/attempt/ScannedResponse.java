package io.crowfly.balancer.attempt;

import io.crowfly.balancer.content.response.ClientSecretScanner;
import io.crowfly.balancer.content.response.EventScanner;
import io.crowfly.balancer.content.response.ReportedError;
import io.crowfly.balancer.content.response.ResponseScanner;
import io.crowfly.balancer.content.response.Usage;
import io.crowfly.probes.forecast.ProbeTimes;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Scan of the body of one attempt's response for tokens, usage, ids and errors: of an event stream, or of a JSON
 * object. Does not take ownership of buffers.
 */
final class ScannedResponse {

    private final @Nullable EventScanner events;
    private final @Nullable ResponseScanner json;
    private final @Nullable ClientSecretScanner secrets;
    private final boolean acceptsInsertedEvents;

    private int takenIds;

    /** When the first and the last of the tokens that {@link EventScanner#tokens} counts were received. */
    private long firstTokenNanos;

    private long lastTokenNanos;
    private long tokenNanos = ProbeTimes.ABSENT;

    private ScannedResponse(
            @Nullable EventScanner events,
            @Nullable ResponseScanner json,
            @Nullable ClientSecretScanner secrets,
            boolean acceptsInsertedEvents) {
        this.events = events;
        this.json = json;
        this.secrets = secrets;
        this.acceptsInsertedEvents = acceptsInsertedEvents;
    }

    /**
     * Returns the scan of an event stream.
     *
     * @param acceptsInserted whether the length of the stream is unknown, so that Crowfly may insert comments
     */
    static ScannedResponse ofEvents(boolean acceptsInserted) {
        return new ScannedResponse(new EventScanner(), null, null, acceptsInserted);
    }

    /** Returns the scan of a JSON object. @param secrets finds client secrets; null if there are none */
    static ScannedResponse ofJson(@Nullable ClientSecretScanner secrets) {
        return new ScannedResponse(null, new ResponseScanner(), secrets, false);
    }

    void scan(ByteBuf data) {
        if (events != null) {
            events.scan(data);
        } else {
            json.scan(data);
            if (secrets != null) {
                secrets.scan(data);
            }
        }
    }

    /** Returns the ids that the response contains so far and that were not yet {@linkplain #takeNewIds taken}. */
    private List<String> ids() {
        return events != null ? events.ids() : json.ids();
    }

    boolean hasNewIds() {
        return ids().size() > takenIds;
    }

    /** Returns the ids that the response contains and that this method has not returned yet. */
    List<String> takeNewIds() {
        List<String> all = ids();
        List<String> added = all.subList(takenIds, all.size());
        takenIds = all.size();
        return added;
    }

    Optional<Usage> usage() {
        return events != null ? events.usage() : json.usage();
    }

    // Methods about a stream of events.

    boolean readsEvents() {
        return events != null;
    }

    /** See {@link EventScanner#tokens}; 0 for a JSON object. */
    long tokens() {
        return events == null ? 0 : events.tokens();
    }

    boolean firstTokenSeen() {
        return events != null && events.firstTokenSeen();
    }

    /** Records when counted tokens were received. @param first whether these are the first counted ones */
    void onTokens(boolean first, long nowNanos) {
        firstTokenNanos = first ? nowNanos : firstTokenNanos;
        lastTokenNanos = nowNanos;
    }

    /** Evaluates an event without its blank line, at the end of the stream. */
    void endEvents() {
        if (events != null) {
            events.end();
        }
    }

    /** Returns whether the stream has its last event and no error. */
    boolean isWholeStream() {
        return events != null && !events.errorEvent() && events.done();
    }

    /** Returns whether the stream has neither its last event nor an error. */
    boolean isTruncated() {
        return events != null && !events.done() && !events.errorEvent();
    }

    /**
     * Computes the {@link #tokenNanos} of a whole stream with at least two tokens.
     *
     * @return the time from the first to the last token, in nanoseconds
     */
    long completeStream() {
        long nanos = lastTokenNanos - firstTokenNanos;
        tokenNanos = nanos / (tokens() - 1);
        return nanos;
    }

    /**
     * Returns the mean time between tokens, in nanoseconds; {@link ProbeTimes#ABSENT} before {@link #completeStream}.
     */
    long tokenNanos() {
        return tokenNanos;
    }

    boolean mayInsertEvent() {
        return events != null && acceptsInsertedEvents && events.atEventBoundary();
    }

    /** Returns the error that an event has reported before the first token; null if none has. */
    @Nullable
    ReportedError errorBeforeToken() {
        return events == null ? null : events.errorBeforeToken();
    }
}

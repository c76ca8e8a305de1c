package io.crowfly.bench.endpoint;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/**
 * One streamed answer: a row of events, each due at its time counted from the start, so that a late timer delays an event
 * but not all that follow. Events that are due together leave in one write, as a provider's bursts do. A client that
 * doesn't read is waited for.
 */
final class TokenStream {

    private record Event(long dueNanos, Template text, int token) {}

    private static final int NO_TOKEN = -1;

    private final Exchange exchange;
    private final StreamFixture fixture;
    private final Play play;
    private final List<Event> events = new ArrayList<>();
    private final UnaryOperator<String> values;
    private final Runnable whenSaid;
    private final long start = System.nanoTime();
    private int next;

    /** @param whenSaid runs just before the last events leave */
    TokenStream(
            Exchange exchange, StreamFixture fixture, Reply reply, Play play, int tokensPerBurst, Runnable whenSaid) {
        this.exchange = exchange;
        this.fixture = fixture;
        this.play = play;
        this.whenSaid = whenSaid;
        List<String> tokens = reply.speech().tokens();
        schedule(tokens.size(), reply.asked().includeUsage(), tokensPerBurst);
        UnaryOperator<String> common = reply.values();
        values = name -> switch (name) {
            case "text" -> tokens.get(events.get(next).token());
            case "sequence" -> String.valueOf(next);
            default -> common.apply(name);
        };
    }

    private void schedule(int tokens, boolean usage, int tokensPerBurst) {
        long firstToken = play.firstTokenNanos();
        for (StreamFixture.Event event : fixture.before) {
            events.add(new Event(event.name().equals("early") ? firstToken / 2 : firstToken, event.text(), NO_TOKEN));
        }
        long due = firstToken;
        for (int token = 0; token < tokens && fixture.token.isPresent(); token++) {
            due = firstToken + token / tokensPerBurst * tokensPerBurst * play.betweenTokensNanos();
            events.add(new Event(due, fixture.token.get(), token));
        }
        for (StreamFixture.Event event : fixture.after) {
            if (usage || !event.name().equals("usage")) {
                events.add(new Event(due, event.text(), NO_TOKEN));
            }
        }
    }

    void start() {
        exchange.after(events.get(0).dueNanos(), () -> {
            exchange.begin(fixture.head.status, fixture.head.headers(values), OptionalLong.empty());
            sendWhatIsDue();
        });
    }

    void writable() {
        if (next > 0 && !exchange.isOver()) {
            sendWhatIsDue();
        }
    }

    private void sendWhatIsDue() {
        long now = System.nanoTime() - start;
        while (next < events.size() && events.get(next).dueNanos() <= now) {
            if (play.resetAfterEvents().isPresent()
                    && next >= play.resetAfterEvents().getAsInt()) {
                exchange.reset();
                return;
            }
            if (!exchange.writable()) {
                exchange.flush();
                return;
            }
            exchange.sendEvent(events.get(next).text().fill(exchange.context().alloc(), values));
            next++;
        }
        if (next == events.size()) {
            whenSaid.run();
        }
        exchange.flush();
        if (next == events.size()) {
            exchange.finish();
        } else {
            exchange.after(events.get(next).dueNanos() - now, this::sendWhatIsDue);
        }
    }
}

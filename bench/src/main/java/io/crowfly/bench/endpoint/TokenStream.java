package io.crowfly.bench.endpoint;

import io.crowfly.bench.endpoint.fixture.StreamFixture;
import io.crowfly.bench.endpoint.fixture.Template;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/**
 * Streamed response of the simulated endpoint: sends each event at its due time. Due times are counted from the start,
 * so that a late timer delays one event but not all later events. Events that are due together are sent in one write,
 * like a provider's bursts. Sending stops while the client does not read.
 */
final class TokenStream {

    private record Event(long dueNanos, Template text, int token) {}

    private static final int NO_TOKEN = -1;

    private final EndpointExchange exchange;
    private final StreamFixture fixture;
    private final ResponsePlan plan;
    private final List<Event> events = new ArrayList<>();
    private final UnaryOperator<String> values;
    private final Runnable beforeLastEvents;
    private final long start = System.nanoTime();
    private int next;

    /**
     * @param beforeLastEvents action that runs before the last events are flushed, so that the response is stored
     *     before the client has received all of it
     */
    TokenStream(
            EndpointExchange exchange,
            StreamFixture fixture,
            ModelOutput output,
            ResponsePlan plan,
            int tokensPerBurst,
            Runnable beforeLastEvents) {
        this.exchange = exchange;
        this.fixture = fixture;
        this.plan = plan;
        this.beforeLastEvents = beforeLastEvents;
        List<String> tokens = output.outputText().tokens();
        planEvents(tokens.size(), output.request().includeUsage(), tokensPerBurst);
        UnaryOperator<String> common = output.values();
        values = name -> switch (name) {
            case "text" -> tokens.get(events.get(next).token());
            case "sequence" -> String.valueOf(next);
            default -> common.apply(name);
        };
    }

    private void planEvents(int tokens, boolean usage, int tokensPerBurst) {
        long firstToken = plan.firstTokenNanos();
        for (StreamFixture.Event event : fixture.beforeTokens) {
            events.add(new Event(event.name().equals("early") ? firstToken / 2 : firstToken, event.text(), NO_TOKEN));
        }
        long due = firstToken;
        for (int token = 0; token < tokens && fixture.token.isPresent(); token++) {
            due = firstToken + token / tokensPerBurst * tokensPerBurst * plan.betweenTokensNanos();
            events.add(new Event(due, fixture.token.get(), token));
        }
        for (StreamFixture.Event event : fixture.afterTokens) {
            if (usage || !event.name().equals("usage")) {
                events.add(new Event(due, event.text(), NO_TOKEN));
            }
        }
    }

    void start() {
        exchange.schedule(events.get(0).dueNanos(), () -> {
            exchange.startResponse(fixture.head.status, fixture.head.headers(values), OptionalLong.empty());
            sendDueEvents();
        });
    }

    void writable() {
        if (next > 0 && !exchange.isEnded()) {
            sendDueEvents();
        }
    }

    private void sendDueEvents() {
        long now = System.nanoTime() - start;
        while (next < events.size() && events.get(next).dueNanos() <= now) {
            if (plan.resetAfterEvents().isPresent()
                    && next >= plan.resetAfterEvents().getAsInt()) {
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
            beforeLastEvents.run();
        }
        exchange.flush();
        if (next == events.size()) {
            exchange.finishResponse();
        } else {
            exchange.schedule(events.get(next).dueNanos() - now, this::sendDueEvents);
        }
    }
}

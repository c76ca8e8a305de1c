package io.crowfly.bench.endpoint;

import io.crowfly.bench.endpoint.dialect.ApiOperation;
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

    /** Time from the last event to a reset, so that the client's kernel has received the event. */
    private static final long BEFORE_RESET_NANOS = 20_000_000;

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
            ApiOperation api,
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
        int maxTokens = plan.streamFault().isPresent() ? plan.streamFault().get().tokens : Integer.MAX_VALUE;
        long end = planTokens(Math.min(tokens.size(), maxTokens), tokensPerBurst);
        if (plan.streamFault().isPresent()) {
            plan.streamFault().get().event(api).ifPresent(text -> events.add(new Event(end, text, NO_TOKEN)));
        } else {
            planLastEvents(end, output.request().includeUsage());
        }
        UnaryOperator<String> common = output.values();
        values = name -> switch (name) {
            case "text" -> tokens.get(events.get(next).token());
            case "sequence" -> String.valueOf(next);
            default -> common.apply(name);
        };
    }

    /** Plans the events until the last token, and returns when the last one is due. */
    private long planTokens(int tokens, int tokensPerBurst) {
        long firstToken = plan.firstTokenNanos();
        for (StreamFixture.Event event : fixture.beforeTokens) {
            events.add(new Event(event.name().equals("early") ? firstToken / 2 : firstToken, event.text(), NO_TOKEN));
        }
        long due = firstToken;
        for (int token = 0; token < tokens && fixture.token.isPresent(); token++) {
            due = firstToken + token / tokensPerBurst * tokensPerBurst * plan.betweenTokensNanos();
            events.add(new Event(due, fixture.token.get(), token));
        }
        return due;
    }

    private void planLastEvents(long due, boolean usage) {
        for (StreamFixture.Event event : fixture.afterTokens) {
            if (usage || !event.name().equals("usage")) {
                events.add(new Event(due, event.text(), NO_TOKEN));
            }
        }
    }

    void start() {
        long firstDue =
                events.isEmpty() ? plan.firstTokenNanos() : events.get(0).dueNanos();
        if (plan.headAtOnce()) {
            startResponse();
            exchange.flush();
            exchange.schedule(firstDue, this::sendDueEvents);
        } else {
            exchange.schedule(firstDue, () -> {
                startResponse();
                sendDueEvents();
            });
        }
    }

    private void startResponse() {
        exchange.startResponse(fixture.head.status, fixture.head.headers(values), OptionalLong.empty());
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
        boolean atEnd = next == events.size();
        if (atEnd && plan.streamFault().isEmpty()) {
            beforeLastEvents.run();
        }
        exchange.flush();
        if (atEnd && plan.streamFault().isPresent() && plan.streamFault().get().isReset()) {
            exchange.schedule(BEFORE_RESET_NANOS, exchange::reset);
        } else if (atEnd) {
            exchange.finishResponse();
        } else {
            exchange.schedule(events.get(next).dueNanos() - now, this::sendDueEvents);
        }
    }
}

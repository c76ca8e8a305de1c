package io.crowfly.bench.endpoint;

import io.netty.buffer.ByteBuf;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Chat completions, responses and embeddings: reads what is asked, and answers whole or as a stream. */
final class ModelService implements Service {

    private final Api api;
    private final Exchange exchange;
    private final Script script;
    private final ApiFixtures fixtures;
    private final ErrorFixtures errors;
    private final int tokensPerBurst;
    private final JsonBody body = new JsonBody();
    private @Nullable TokenStream stream;

    ModelService(
            Api api, Exchange exchange, Script script, ApiFixtures fixtures, ErrorFixtures errors, int tokensPerBurst) {
        this.api = api;
        this.exchange = exchange;
        this.script = script;
        this.fixtures = fixtures;
        this.errors = errors;
        this.tokensPerBurst = tokensPerBurst;
    }

    @Override
    public void body(ByteBuf chunk) {
        body.feed(chunk);
    }

    @Override
    public void end() {
        Optional<Asked> asked = body.end();
        if (asked.isEmpty()) {
            exchange.answer(errors.answer(400, false, "The body is not one JSON object."));
        } else {
            answer(asked.get());
        }
    }

    private void answer(Asked asked) {
        Play play = Play.of(script, asked);
        boolean streamed = asked.stream() && api != Api.EMBEDDINGS;
        if (play.hang()) {
            return;
        }
        if (play.status().isPresent()) {
            exchange.answer(errors.answer(play.status().getAsInt(), streamed, ""));
        } else if (streamed) {
            stream = new TokenStream(exchange, fixtures.streamed(api), asked, play, tokensPerBurst);
            stream.start();
        } else if (play.resetAfterEvents().isPresent()) {
            exchange.after(play.firstTokenNanos(), exchange::reset);
        } else if (api == Api.EMBEDDINGS) {
            exchange.after(play.firstTokenNanos(), () -> exchange.answer(whole(asked, play)));
        } else {
            exchange.after(play.wholeNanos(), () -> exchange.answer(whole(asked, play)));
        }
    }

    private Answer whole(Asked asked, Play play) {
        Map<String, String> values = new HashMap<>(Words.values(asked.model(), play.tokens()));
        values.put("text", Words.first(play.tokens()));
        if (api == Api.EMBEDDINGS) {
            values.put("embeddings", Embeddings.json(asked));
        }
        return Answer.of(fixtures.whole(api), Answer.values(values));
    }

    @Override
    public void writable() {
        if (stream != null) {
            stream.writable();
        }
    }
}

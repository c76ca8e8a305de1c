package io.crowfly.bench.endpoint;

import io.netty.buffer.ByteBuf;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Whatever a model does: reads what is asked, and answers whole or as a stream. */
final class ModelService implements Service {

    /** What the services of one endpoint share. */
    record Endpoint(
            Dialect dialect, ApiFixtures fixtures, Refusals refusals, KeptThings things, Seen.Journal journal) {}

    private final Api api;
    private final Operation operation;
    private final Exchange exchange;
    private final Script script;
    private final Endpoint endpoint;
    private final RequestBody body;
    private @Nullable TokenStream stream;

    ModelService(Api api, Operation operation, Exchange exchange, Script script, Endpoint endpoint) {
        this.api = api;
        this.operation = operation;
        this.exchange = exchange;
        this.script = script;
        this.endpoint = endpoint;
        this.body = api.takesForm() ? new FormBody(exchange.request) : new JsonBody();
    }

    @Override
    public void body(ByteBuf chunk) {
        body.feed(chunk);
    }

    @Override
    public void end() {
        Optional<Asked> read = body.end();
        if (read.isEmpty()) {
            refuse(Refusal.of(
                    400, api.takesForm() ? "The body is no form with one file." : "The body is not one JSON object."));
            return;
        }
        Asked asked = operation.model().map(read.get()::withModel).orElse(read.get());
        endpoint.journal.asked(asked.model());
        Optional<Refusal> refusal = endpoint.dialect.terms().serves(asked.model())
                ? endpoint.things.missing(asked.references())
                : Optional.of(Refusal.of(404, "no such model: " + asked.model()));
        if (refusal.isPresent()) {
            refuse(refusal.get());
        } else {
            answer(asked);
        }
    }

    private void refuse(Refusal refusal) {
        endpoint.refusals.answer(exchange, refusal, false);
    }

    private void answer(Asked asked) {
        Play play = Play.of(script, asked);
        boolean streamed = asked.stream() && api.canStream();
        if (play.hang()) {
            return;
        }
        if (play.status().isPresent()) {
            endpoint.refusals.fail(exchange, play.status().getAsInt(), streamed);
        } else if (streamed) {
            stream(asked, play);
        } else if (play.resetAfterEvents().isPresent()) {
            exchange.after(play.firstTokenNanos(), exchange::reset);
        } else {
            long nanos = api == Api.EMBEDDINGS ? play.firstTokenNanos() : play.wholeNanos();
            exchange.after(nanos, () -> whole(asked, play));
        }
    }

    private void stream(Asked asked, Play play) {
        Reply reply = Reply.to(api, asked, play, endpoint.things);
        StreamFixture fixture = endpoint.fixtures.streamed(api, Reply.calls(api, asked));
        stream = new TokenStream(
                exchange, fixture, reply, play, endpoint.dialect.tokensPerBurst(), () -> keep(reply, reply.values()));
        stream.start();
    }

    private void whole(Asked asked, Play play) {
        Reply reply = Reply.to(api, asked, play, endpoint.things);
        UnaryOperator<String> values = reply.values();
        keep(reply, values);
        exchange.answer(Answer.of(endpoint.fixtures.whole(api, Reply.calls(api, asked)), values));
    }

    /** A response is kept unless the request says otherwise, a chat completion only if it says so. */
    private void keep(Reply reply, UnaryOperator<String> values) {
        boolean kept = reply.asked().references().store().orElse(api == Api.RESPONSES);
        if (!kept || !endpoint.dialect.keepsState() || (api != Api.RESPONSES && api != Api.CHAT)) {
            return;
        }
        Kind kind = api == Api.RESPONSES ? Kind.RESPONSE : Kind.COMPLETION;
        Fixture fixture = endpoint.fixtures.whole(api, Reply.calls(api, reply.asked()));
        String json = fixture.body.fill(values);
        endpoint.things.put(Kept.of(kind, kind.idPrefix + reply.id(), json)
                .withItems(inputItem(reply))
                .withTurns(reply.turns()));
    }

    private static String inputItem(Reply reply) {
        return "{\"id\":\"msg_in_" + reply.id() + "\",\"type\":\"message\",\"role\":\"user\",\"status\":\"completed\","
                + "\"content\":[{\"type\":\"input_text\",\"text\":\""
                + Answer.quoted(reply.asked().input()) + "\"}]}";
    }

    @Override
    public void writable() {
        if (stream != null) {
            stream.writable();
        }
    }
}

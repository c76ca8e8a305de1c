package io.crowfly.bench.endpoint;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** Creates, shows, lists and deletes what an endpoint keeps. What a model made was put there by {@link ModelService}. */
final class KeptService implements Service {

    private final Kind kind;
    private final String method;

    /** Of a thing; empty for all of the kind. */
    private final String id;

    /** Below a thing: {@code content}, {@code input_items}; empty for the thing itself. */
    private final String below;

    private final Exchange exchange;
    private final ModelService.Endpoint endpoint;
    private final RequestBody body;

    KeptService(Kind kind, Operation operation, Exchange exchange, ModelService.Endpoint endpoint) {
        this.kind = kind;
        this.method = exchange.request.method().name();
        String[] rest = operation.name().substring(kind.path.length()).split("/", 3);
        this.id = rest.length > 1 ? QueryStringDecoder.decodeComponent(rest[1]) : "";
        this.below = rest.length > 2 ? rest[2] : "";
        this.exchange = exchange;
        this.endpoint = endpoint;
        this.body = kind == Kind.FILE && creates() ? new FormBody(exchange.request) : new JsonBody();
    }

    private boolean creates() {
        return method.equals("POST") && id.isEmpty();
    }

    @Override
    public void body(ByteBuf chunk) {
        body.feed(chunk);
    }

    @Override
    public void end() {
        Optional<Asked> asked = body.end();
        if (creates()) {
            create(asked);
        } else if (id.isEmpty()) {
            list(endpoint.things().all(kind).stream().map(Kept::json).collect(Collectors.joining(",")));
        } else {
            endpoint.things().get(kind, id).ifPresentOrElse(this::use, () -> refuse(KeptThings.notHere(kind, id)));
        }
    }

    private void create(Optional<Asked> asked) {
        if (asked.isEmpty()) {
            refuse(Refusal.of(400, "the body of a new " + kind.object + " is not as it should be"));
            return;
        }
        Optional<Refusal> refusal = endpoint.things().missing(asked.get().references());
        if (refusal.isPresent()) {
            refuse(refusal.get());
            return;
        }
        String unique = UUID.randomUUID().toString();
        UnaryOperator<String> values = Answer.values(values(unique, asked.get()));
        Fixture fixture = Fixture.read("kept/" + kind.object + ".http");
        byte[] content = asked.get().upload().map(Asked.Upload::content).orElse(new byte[0]);
        endpoint.things()
                .put(Kept.of(kind, kind.idPrefix + unique, fixture.body.fill(values))
                        .withContent(content));
        exchange.answer(Answer.of(fixture, values));
    }

    private static Map<String, String> values(String unique, Asked asked) {
        return Map.of(
                "id", unique,
                "bytes",
                        asked.upload()
                                .map(file -> file.content().length)
                                .orElse(0)
                                .toString(),
                "filename",
                        Answer.quoted(asked.upload().map(Asked.Upload::filename).orElse("")),
                "purpose",
                        Answer.quoted(asked.upload().map(Asked.Upload::purpose).orElse("")),
                "input-file",
                        Answer.quoted(
                                asked.references().files().stream().findFirst().orElse("")));
    }

    private void use(Kept thing) {
        if (method.equals("DELETE")) {
            endpoint.things().remove(kind, id);
            String object = kind == Kind.RESPONSE ? "response" : kind.object + ".deleted";
            exchange.answer(Answer.json(
                    200, "{\"id\":\"" + Answer.quoted(id) + "\",\"object\":\"" + object + "\",\"deleted\":true}"));
        } else if (kind == Kind.FILE && below.equals("content")) {
            send(thing.content());
        } else if (List.of("input_items", "items", "messages", "files").contains(below)) {
            list(thing.items());
        } else if (below.isEmpty() || below.equals("cancel")) {
            exchange.answer(Answer.json(200, thing.json()));
        } else {
            refuse(Refusal.of(404, "nothing of that name below a " + kind.object + ": " + below));
        }
    }

    private void list(String elements) {
        exchange.answer(Answer.json(
                200,
                "{\"object\":\"list\",\"data\":[" + elements
                        + "],\"first_id\":null,\"last_id\":null,\"has_more\":false}"));
    }

    private void send(byte[] content) {
        HttpHeaders headers = new DefaultHttpHeaders().add("content-type", "application/octet-stream");
        exchange.begin(HttpResponseStatus.OK, headers, OptionalLong.of(content.length));
        exchange.send(exchange.context().alloc().buffer(content.length).writeBytes(content));
        exchange.finish();
    }

    private void refuse(Refusal refusal) {
        endpoint.refusals().answer(exchange, refusal, false);
    }
}

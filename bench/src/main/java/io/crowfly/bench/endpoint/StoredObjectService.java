package io.crowfly.bench.endpoint;

import io.crowfly.bench.endpoint.dialect.EndpointRefusal;
import io.crowfly.bench.endpoint.dialect.RequestedOperation;
import io.crowfly.bench.endpoint.fixture.Fixture;
import io.crowfly.bench.endpoint.fixture.PreparedResponse;
import io.crowfly.bench.endpoint.request.FormBody;
import io.crowfly.bench.endpoint.request.JsonBody;
import io.crowfly.bench.endpoint.request.ParsedRequest;
import io.crowfly.bench.endpoint.request.RequestBody;
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

/**
 * Service of the simulated endpoint that creates, returns, lists and deletes stored objects. {@link ModelService}
 * creates responses and chat completions.
 */
final class StoredObjectService implements EndpointService {

    private final ObjectKind kind;
    private final String method;

    /** Id of the object; empty if the request is for the list of all objects of the kind. */
    private final String id;

    /**
     * Path below the object, for example {@code content} or {@code input_items}; empty if the request is for the object
     * itself.
     */
    private final String subresource;

    private final EndpointExchange exchange;
    private final ModelService.Shared shared;
    private final RequestBody body;

    StoredObjectService(
            ObjectKind kind, RequestedOperation operation, EndpointExchange exchange, ModelService.Shared endpoint) {
        this.kind = kind;
        this.method = exchange.request.method().name();
        String[] rest = operation.name().substring(kind.path.length()).split("/", 3);
        this.id = rest.length > 1 ? QueryStringDecoder.decodeComponent(rest[1]) : "";
        this.subresource = rest.length > 2 ? rest[2] : "";
        this.exchange = exchange;
        this.shared = endpoint;
        this.body = kind == ObjectKind.FILE && creates() ? new FormBody(exchange.request) : new JsonBody();
    }

    private boolean creates() {
        return method.equals("POST") && id.isEmpty();
    }

    @Override
    public void receiveBody(ByteBuf chunk) {
        body.feed(chunk);
    }

    @Override
    public void requestComplete() {
        Optional<ParsedRequest> request = body.finish();
        if (creates()) {
            create(request);
        } else if (id.isEmpty()) {
            list(shared.objects().list(kind).stream().map(StoredObject::json).collect(Collectors.joining(",")));
        } else {
            shared.objects()
                    .get(kind, id)
                    .ifPresentOrElse(this::handleObject, () -> refuse(ObjectStore.notFound(kind, id)));
        }
    }

    private void create(Optional<ParsedRequest> request) {
        if (request.isEmpty()) {
            refuse(EndpointRefusal.withStatus(400, "the body of a new " + kind.object + " is invalid"));
            return;
        }
        Optional<EndpointRefusal> refusal =
                shared.objects().checkReferences(request.get().references());
        if (refusal.isPresent()) {
            refuse(refusal.get());
            return;
        }
        String unique = UUID.randomUUID().toString();
        UnaryOperator<String> values = PreparedResponse.commonValues(values(unique, request.get()));
        Fixture fixture = Fixture.read("objects/" + kind.object + ".http");
        byte[] content =
                request.get().upload().map(ParsedRequest.UploadedFile::content).orElse(new byte[0]);
        shared.objects()
                .put(StoredObject.create(kind, kind.idPrefix + unique, fixture.body.fill(values))
                        .withContent(content));
        exchange.respond(PreparedResponse.fromFixture(fixture, values));
    }

    private static Map<String, String> values(String unique, ParsedRequest request) {
        return Map.of(
                "id", unique,
                "bytes",
                        request.upload()
                                .map(file -> file.content().length)
                                .orElse(0)
                                .toString(),
                "filename",
                        PreparedResponse.escapeJson(request.upload()
                                .map(ParsedRequest.UploadedFile::filename)
                                .orElse("")),
                "purpose",
                        PreparedResponse.escapeJson(request.upload()
                                .map(ParsedRequest.UploadedFile::purpose)
                                .orElse("")),
                "input-file",
                        PreparedResponse.escapeJson(request.references().files().stream()
                                .findFirst()
                                .orElse("")));
    }

    private void handleObject(StoredObject stored) {
        if (method.equals("DELETE")) {
            shared.objects().remove(kind, id);
            String object = kind == ObjectKind.RESPONSE ? "response" : kind.object + ".deleted";
            exchange.respond(PreparedResponse.json(
                    200,
                    "{\"id\":\"" + PreparedResponse.escapeJson(id) + "\",\"object\":\"" + object
                            + "\",\"deleted\":true}"));
        } else if (kind == ObjectKind.FILE && subresource.equals("content")) {
            send(stored.content());
        } else if (List.of("input_items", "items", "messages", "files").contains(subresource)) {
            list(stored.itemsJson());
        } else if (subresource.isEmpty() || subresource.equals("cancel")) {
            exchange.respond(PreparedResponse.json(200, stored.json()));
        } else {
            refuse(EndpointRefusal.withStatus(404, "no such path below a " + kind.object + ": " + subresource));
        }
    }

    private void list(String elements) {
        exchange.respond(PreparedResponse.json(
                200,
                "{\"object\":\"list\",\"data\":[" + elements
                        + "],\"first_id\":null,\"last_id\":null,\"has_more\":false}"));
    }

    private void send(byte[] content) {
        HttpHeaders headers = new DefaultHttpHeaders().add("content-type", "application/octet-stream");
        exchange.startResponse(HttpResponseStatus.OK, headers, OptionalLong.of(content.length));
        exchange.send(exchange.context().alloc().buffer(content.length).writeBytes(content));
        exchange.finishResponse();
    }

    private void refuse(EndpointRefusal refusal) {
        shared.errors().refuse(exchange, refusal, false);
    }
}

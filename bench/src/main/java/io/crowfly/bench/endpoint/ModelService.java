package io.crowfly.bench.endpoint;

import io.crowfly.bench.endpoint.behaviour.ActiveBehaviour;
import io.crowfly.bench.endpoint.behaviour.ModelBehaviour.Fault;
import io.crowfly.bench.endpoint.dialect.ApiOperation;
import io.crowfly.bench.endpoint.dialect.EndpointDialect;
import io.crowfly.bench.endpoint.dialect.EndpointRefusal;
import io.crowfly.bench.endpoint.dialect.RequestedOperation;
import io.crowfly.bench.endpoint.fixture.ApiFixtures;
import io.crowfly.bench.endpoint.fixture.Fixture;
import io.crowfly.bench.endpoint.fixture.PreparedResponse;
import io.crowfly.bench.endpoint.fixture.StreamFixture;
import io.crowfly.bench.endpoint.request.FormBody;
import io.crowfly.bench.endpoint.request.JsonBody;
import io.crowfly.bench.endpoint.request.ParsedRequest;
import io.crowfly.bench.endpoint.request.RequestBody;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Service of the simulated endpoint for requests to a model: reads the request, and sends a complete or a streamed
 * response or an error.
 */
final class ModelService implements EndpointService {

    /** Objects that all services of one endpoint share. */
    record Shared(
            EndpointDialect dialect,
            ApiFixtures fixtures,
            ErrorResponder errors,
            ObjectStore objects,
            EndpointStatistics.Recorder recorder) {}

    private static final String ERROR_EVENT = "data: {\"error\":{\"message\":\"The server had an error.\","
            + "\"type\":\"server_error\",\"param\":null,\"code\":null}}\n\n";

    private final ApiOperation api;
    private final RequestedOperation operation;
    private final EndpointExchange exchange;
    private final ActiveBehaviour behaviour;
    private final Shared shared;
    private final RequestBody body;
    private @Nullable TokenStream stream;

    ModelService(
            ApiOperation api,
            RequestedOperation operation,
            EndpointExchange exchange,
            ActiveBehaviour behaviour,
            Shared endpoint) {
        this.api = api;
        this.operation = operation;
        this.exchange = exchange;
        this.behaviour = behaviour;
        this.shared = endpoint;
        this.body = api.acceptsForm() ? new FormBody(exchange.request) : new JsonBody();
    }

    @Override
    public void receiveBody(ByteBuf chunk) {
        body.feed(chunk);
    }

    @Override
    public void requestComplete() {
        Optional<ParsedRequest> parsed = body.finish();
        if (parsed.isEmpty()) {
            refuse(EndpointRefusal.withStatus(
                    400,
                    api.acceptsForm()
                            ? "The body is not a form with exactly one file."
                            : "The body is not one JSON object."));
            return;
        }
        ParsedRequest request = operation.model().map(parsed.get()::withModel).orElse(parsed.get());
        shared.recorder.modelRequested(request.model());
        Optional<EndpointRefusal> refusal = shared.dialect.accessPolicy().serves(request.model())
                ? shared.objects.checkReferences(request.references())
                : Optional.of(EndpointRefusal.withStatus(404, "no such model: " + request.model()));
        if (refusal.isPresent()) {
            refuse(refusal.get());
        } else {
            respond(request);
        }
    }

    private void refuse(EndpointRefusal refusal) {
        shared.errors.refuse(exchange, refusal, false);
    }

    private void respond(ParsedRequest request) {
        ResponsePlan plan = ResponsePlan.create(behaviour, request);
        boolean streamed = request.stream() && api.canStream();
        Fault fault = behaviour.settings.model(request.model()).fault();
        if (plan.hang()) {
            return;
        }
        if (fault != Fault.NONE) {
            fail(fault, request, plan, streamed);
            return;
        }
        if (plan.errorStatus().isPresent()) {
            shared.errors.sendFault(exchange, plan.errorStatus().getAsInt(), streamed);
        } else if (streamed) {
            sendStream(request, plan);
        } else if (plan.resetsWholeResponse()) {
            exchange.schedule(plan.firstTokenNanos(), exchange::reset);
        } else {
            long nanos = api == ApiOperation.EMBEDDINGS ? plan.firstTokenNanos() : plan.completeNanos();
            exchange.schedule(nanos, () -> sendComplete(request, plan));
        }
    }

    private void fail(Fault fault, ParsedRequest request, ResponsePlan plan, boolean streamed) {
        if (fault == Fault.STATUS_500 || !streamed) {
            shared.errors.sendFault(exchange, 500, streamed);
            return;
        }
        UnaryOperator<String> common =
                ModelOutput.generate(api, request, plan, shared.objects).values();
        UnaryOperator<String> values = name -> name.equals("sequence") ? "0" : common.apply(name);
        StreamFixture fixture = shared.fixtures.streamed(api, false);
        exchange.startResponse(fixture.head.status, fixture.head.headers(values), OptionalLong.empty());
        for (StreamFixture.Event event : fixture.beforeTokens) {
            exchange.sendEvent(event.text().fill(exchange.context().alloc(), values));
        }
        if (fault == Fault.ERROR_EVENT) {
            exchange.sendEvent(ByteBufUtil.writeAscii(exchange.context().alloc(), ERROR_EVENT));
            exchange.finishResponse();
        } else {
            exchange.flush();
        }
    }

    private void sendStream(ParsedRequest request, ResponsePlan plan) {
        ModelOutput output = ModelOutput.generate(api, request, plan, shared.objects);
        StreamFixture fixture = shared.fixtures.streamed(api, ModelOutput.callsTool(api, request));
        stream = new TokenStream(
                exchange,
                api,
                fixture,
                output,
                plan,
                shared.dialect.tokensPerBurst(),
                () -> store(output, output.values()));
        stream.start();
    }

    private void sendComplete(ParsedRequest request, ResponsePlan plan) {
        ModelOutput output = ModelOutput.generate(api, request, plan, shared.objects);
        UnaryOperator<String> values = output.values();
        store(output, values);
        exchange.respond(PreparedResponse.fromFixture(
                shared.fixtures.complete(api, ModelOutput.callsTool(api, request)), values));
    }

    /**
     * Stores the response as an object. Without {@code store} in the request, a response of the Responses API is stored
     * and a chat completion is not.
     */
    private void store(ModelOutput output, UnaryOperator<String> values) {
        boolean stored = output.request().references().store().orElse(api == ApiOperation.RESPONSES);
        if (!stored || !shared.dialect.storesObjects() || (api != ApiOperation.RESPONSES && api != ApiOperation.CHAT)) {
            return;
        }
        ObjectKind kind = api == ApiOperation.RESPONSES ? ObjectKind.RESPONSE : ObjectKind.COMPLETION;
        Fixture fixture = shared.fixtures.complete(api, ModelOutput.callsTool(api, output.request()));
        String json = fixture.body.fill(values);
        shared.objects.put(StoredObject.create(kind, kind.idPrefix + output.id(), json)
                .withItems(inputItem(output))
                .withTurns(output.turnCount()));
    }

    private static String inputItem(ModelOutput output) {
        return "{\"id\":\"msg_in_" + output.id() + "\",\"type\":\"message\",\"role\":\"user\",\"status\":\"completed\","
                + "\"content\":[{\"type\":\"input_text\",\"text\":\""
                + PreparedResponse.escapeJson(output.request().lastInput()) + "\"}]}";
    }

    @Override
    public void writable() {
        if (stream != null) {
            stream.writable();
        }
    }
}

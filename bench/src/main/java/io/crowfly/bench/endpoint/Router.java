package io.crowfly.bench.endpoint;

import io.crowfly.bench.endpoint.behaviour.ActiveBehaviour;
import io.crowfly.bench.endpoint.behaviour.Outage;
import io.crowfly.bench.endpoint.dialect.Api;
import io.crowfly.bench.endpoint.dialect.Dialect;
import io.crowfly.bench.endpoint.dialect.Operation;
import io.crowfly.bench.endpoint.dialect.Refusal;
import io.crowfly.bench.endpoint.dialect.Resolution;
import io.crowfly.bench.endpoint.fixture.ApiFixtures;
import io.crowfly.bench.endpoint.fixture.ErrorFixtures;
import io.crowfly.bench.endpoint.fixture.Fixture;
import io.crowfly.bench.endpoint.fixture.PreparedResponse;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Selects the {@link Service} of a request by the current outage, the path, the dialect's refusals and the operation.
 */
final class Router {

    static final String HEALTH_PATH = "/health";

    private final Dialect dialect;
    private final Supplier<ActiveBehaviour> behaviour;
    private final ControlPaths control;
    private final ErrorResponder errors;
    private final ModelService.Shared shared;
    private final Fixture health = Fixture.read("health.http");

    /** @param behaviour returns the current behaviour */
    Router(
            Dialect dialect,
            Supplier<ActiveBehaviour> behaviour,
            ControlPaths control,
            EndpointStatistics.Recorder recorder) {
        this.dialect = dialect;
        this.behaviour = behaviour;
        this.control = control;
        this.errors = new ErrorResponder(new ErrorFixtures(dialect.fixtureFolder()), recorder);
        this.shared = new ModelService.Shared(dialect, new ApiFixtures(dialect), errors, new ObjectStore(), recorder);
    }

    static boolean isControl(String path) {
        return path.startsWith("/_");
    }

    Service route(Exchange exchange) {
        if (isControl(exchange.path())) {
            return control.route(exchange);
        }
        ActiveBehaviour current = behaviour.get();
        if (current.settings.outage() == Outage.HANG) {
            return () -> {};
        }
        if (exchange.path().equals(HEALTH_PATH)) {
            return () -> exchange.schedule(current.nextHealthNanos(), () -> exchange.respond(health(current)));
        }
        Resolution resolution = dialect.resolve(exchange.uri, exchange.request.headers());
        return resolution instanceof Refusal refusal
                ? refuse(exchange, refusal)
                : createService((Operation) resolution, exchange, current);
    }

    private Service createService(Operation operation, Exchange exchange, ActiveBehaviour current) {
        Optional<Api> api =
                Api.find(exchange.request.method().name(), operation.name()).filter(dialect.apis()::contains);
        if (api.isPresent()) {
            return createService(api.get(), operation, exchange, current);
        }
        return ObjectKind.find(operation.name())
                .filter(kind -> dialect.storesObjects())
                .<Service>map(kind -> new StoredObjectService(kind, operation, exchange, shared))
                .orElseGet(() -> refuse(
                        exchange,
                        Refusal.withStatus(
                                404, "no such operation: " + exchange.request.method() + " " + operation.name())));
    }

    private Service createService(Api api, Operation operation, Exchange exchange, ActiveBehaviour current) {
        return switch (api) {
            case CHAT, RESPONSES, EMBEDDINGS, IMAGES, IMAGE_EDITS, TRANSCRIPTIONS, TRANSLATIONS, SPEECH ->
                new ModelService(api, operation, exchange, current, shared);
            case MODELS ->
                () -> exchange.schedule(
                        current.nextHealthNanos(),
                        () -> exchange.respond(shared.fixtures().modelList()));
            case SINK ->
                SinkService.open(exchange).orElseGet(() -> refuse(exchange, Refusal.withStatus(400, "the rate must be a number above 0")));
            case BLOB ->
                BlobService.open(exchange).orElseGet(() -> refuse(exchange, Refusal.withStatus(400, "the size is missing")));
        };
    }

    private Service refuse(Exchange exchange, Refusal refusal) {
        return () -> errors.refuse(exchange, refusal, false);
    }

    private PreparedResponse health(ActiveBehaviour current) {
        int status = current.settings.healthStatus();
        return status == 200
                ? PreparedResponse.fromFixture(health, PreparedResponse.commonValues(Map.of()))
                : PreparedResponse.json(status, "{\"status\":\"failing\"}");
    }
}

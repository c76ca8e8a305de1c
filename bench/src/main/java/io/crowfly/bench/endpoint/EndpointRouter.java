package io.crowfly.bench.endpoint;

import io.crowfly.bench.endpoint.behaviour.ActiveBehaviour;
import io.crowfly.bench.endpoint.behaviour.Outage;
import io.crowfly.bench.endpoint.dialect.ApiOperation;
import io.crowfly.bench.endpoint.dialect.EndpointDialect;
import io.crowfly.bench.endpoint.dialect.EndpointRefusal;
import io.crowfly.bench.endpoint.dialect.RequestedOperation;
import io.crowfly.bench.endpoint.dialect.Resolution;
import io.crowfly.bench.endpoint.fixture.ApiFixtures;
import io.crowfly.bench.endpoint.fixture.ErrorFixtures;
import io.crowfly.bench.endpoint.fixture.Fixture;
import io.crowfly.bench.endpoint.fixture.PreparedResponse;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Router of the simulated endpoint: selects the {@link EndpointService} of a request by path, outage, refusals of the
 * dialect, and operation.
 */
final class EndpointRouter {

    static final String HEALTH_PATH = "/health";

    private final EndpointDialect dialect;
    private final Supplier<ActiveBehaviour> behaviour;
    private final ControlPaths control;
    private final ErrorResponder errors;
    private final ModelService.Shared shared;
    private final Fixture health = Fixture.read("health.http");

    /** @param behaviour supplier of the current behaviour */
    EndpointRouter(
            EndpointDialect dialect,
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

    EndpointService route(EndpointExchange exchange) {
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
        return resolution instanceof EndpointRefusal refusal
                ? refuse(exchange, refusal)
                : createService((RequestedOperation) resolution, exchange, current);
    }

    private EndpointService createService(
            RequestedOperation operation, EndpointExchange exchange, ActiveBehaviour current) {
        Optional<ApiOperation> api = ApiOperation.find(exchange.request.method().name(), operation.name())
                .filter(dialect.apis()::contains);
        if (api.isPresent()) {
            return createService(api.get(), operation, exchange, current);
        }
        return ObjectKind.find(operation.name())
                .filter(kind -> dialect.storesObjects())
                .<EndpointService>map(kind -> new StoredObjectService(kind, operation, exchange, shared))
                .orElseGet(() -> refuse(
                        exchange,
                        EndpointRefusal.withStatus(
                                404, "no such operation: " + exchange.request.method() + " " + operation.name())));
    }

    private EndpointService createService(
            ApiOperation api, RequestedOperation operation, EndpointExchange exchange, ActiveBehaviour current) {
        return switch (api) {
            case CHAT, RESPONSES, EMBEDDINGS, IMAGES, IMAGE_EDITS, TRANSCRIPTIONS, TRANSLATIONS, SPEECH ->
                new ModelService(api, operation, exchange, current, shared);
            case MODELS ->
                () -> exchange.schedule(
                        current.nextHealthNanos(),
                        () -> exchange.respond(shared.fixtures().modelList()));
            case SINK ->
                SinkService.open(exchange)
                        .orElseGet(() ->
                                refuse(exchange, EndpointRefusal.withStatus(400, "the rate must be a number above 0")));
            case BLOB ->
                BlobService.open(exchange)
                        .orElseGet(() -> refuse(exchange, EndpointRefusal.withStatus(400, "the size is missing")));
        };
    }

    private EndpointService refuse(EndpointExchange exchange, EndpointRefusal refusal) {
        return () -> errors.refuse(exchange, refusal, false);
    }

    private PreparedResponse health(ActiveBehaviour current) {
        int status = current.settings.healthStatus();
        return status == 200
                ? PreparedResponse.fromFixture(health, PreparedResponse.commonValues(Map.of()))
                : PreparedResponse.json(status, "{\"status\":\"failing\"}");
    }
}

package io.crowfly.bench.endpoint;

import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Which {@link Service} a request gets, by the outage in force, its path, its dialect's refusals and its operation. */
final class Router {

    static final String HEALTH = "/health";

    private final Dialect dialect;
    private final Supplier<Script> script;
    private final ControlPaths control;
    private final Refusals refusals;
    private final ModelService.Endpoint endpoint;
    private final Fixture health = Fixture.read("health.http");

    /** @param script the one in force at the moment of asking */
    Router(Dialect dialect, Supplier<Script> script, ControlPaths control, Seen.Journal journal) {
        this.dialect = dialect;
        this.script = script;
        this.control = control;
        this.refusals = new Refusals(new ErrorFixtures(dialect.fixtures()), journal);
        this.endpoint =
                new ModelService.Endpoint(dialect, new ApiFixtures(dialect), refusals, new KeptThings(), journal);
    }

    static boolean isControl(String path) {
        return path.startsWith("/_");
    }

    Service serviceFor(Exchange exchange) {
        if (isControl(exchange.path())) {
            return control.serviceFor(exchange);
        }
        Script now = script.get();
        if (now.behaviour.outage() == Outage.HANG) {
            return () -> {};
        }
        if (exchange.path().equals(HEALTH)) {
            return () -> exchange.after(now.healthNanos(), () -> exchange.answer(health(now)));
        }
        Resolution wanted = dialect.resolve(exchange.uri, exchange.request.headers());
        return wanted instanceof Refusal refusal ? refuse(exchange, refusal) : serve((Operation) wanted, exchange, now);
    }

    private Service serve(Operation operation, Exchange exchange, Script now) {
        Optional<Api> api =
                Api.of(exchange.request.method().name(), operation.name()).filter(dialect.serves()::contains);
        if (api.isPresent()) {
            return serve(api.get(), operation, exchange, now);
        }
        return Kind.of(operation.name())
                .filter(kind -> dialect.keepsState())
                .<Service>map(kind -> new KeptService(kind, operation, exchange, endpoint))
                .orElseGet(() -> refuse(
                        exchange,
                        Refusal.of(404, "no such operation: " + exchange.request.method() + " " + operation.name())));
    }

    private Service serve(Api api, Operation operation, Exchange exchange, Script now) {
        return switch (api) {
            case CHAT, RESPONSES, EMBEDDINGS, IMAGES, IMAGE_EDITS, TRANSCRIPTIONS, TRANSLATIONS, SPEECH ->
                new ModelService(api, operation, exchange, now, endpoint);
            case MODELS ->
                () -> exchange.after(
                        now.healthNanos(),
                        () -> exchange.answer(endpoint.fixtures().models()));
            case SINK -> SinkService.open(exchange).orElseGet(() -> refuse(exchange, Refusal.of(400, "no such rate")));
            case BLOB -> BlobService.open(exchange).orElseGet(() -> refuse(exchange, Refusal.of(400, "no size")));
        };
    }

    private Service refuse(Exchange exchange, Refusal refusal) {
        return () -> refusals.answer(exchange, refusal, false);
    }

    private Answer health(Script now) {
        int status = now.behaviour.healthStatus();
        return status == 200
                ? Answer.of(health, Answer.values(Map.of()))
                : Answer.json(status, "{\"status\":\"failing\"}");
    }
}

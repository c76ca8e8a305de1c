package io.crowfly.bench.endpoint;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

/** Which {@link Service} a request gets, by the outage in force, its path, its dialect's refusals and its operation. */
final class Router {

    static final String HEALTH = "/health";

    private final Dialect dialect;
    private final Supplier<Script> script;
    private final ControlPaths control;
    private final ErrorFixtures errors;
    private final ApiFixtures fixtures;
    private final Fixture health = Fixture.read("health.http");

    /** @param script the one in force at the moment of asking */
    Router(Dialect dialect, Supplier<Script> script, ControlPaths control) {
        this.dialect = dialect;
        this.script = script;
        this.control = control;
        this.errors = new ErrorFixtures(dialect.name());
        this.fixtures = new ApiFixtures(dialect);
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
        Optional<String> operation = dialect.operation(exchange.path());
        OptionalInt refusal = operation.isPresent() ? dialect.refusal(exchange.request) : OptionalInt.of(404);
        if (refusal.isPresent()) {
            return error(exchange, refusal.getAsInt());
        }
        return operation
                .flatMap(name -> Api.of(exchange.request.method().name(), name))
                .filter(dialect.serves()::contains)
                .map(api -> api(api, exchange, now))
                .orElseGet(() -> error(exchange, 404));
    }

    private Service api(Api api, Exchange exchange, Script now) {
        return switch (api) {
            case CHAT, RESPONSES, EMBEDDINGS ->
                new ModelService(api, exchange, now, fixtures, errors, dialect.tokensPerBurst());
            case MODELS -> () -> exchange.after(now.healthNanos(), () -> exchange.answer(fixtures.models()));
            case SINK -> SinkService.open(exchange).orElseGet(() -> error(exchange, 400));
            case BLOB -> BlobService.open(exchange).orElseGet(() -> error(exchange, 400));
        };
    }

    private Service error(Exchange exchange, int status) {
        return () -> exchange.answer(errors.answer(status, false, ""));
    }

    private Answer health(Script now) {
        int status = now.behaviour.healthStatus();
        return status == 200
                ? Answer.of(health, Answer.values(Map.of()))
                : Answer.json(status, "{\"status\":\"failing\"}");
    }
}

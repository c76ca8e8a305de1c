package io.crowfly.bench.endpoint;

import io.crowfly.bench.endpoint.behaviour.Behaviour;
import io.crowfly.bench.endpoint.fixture.PreparedResponse;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpMethod;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Supplier;

/**
 * Control paths of the simulated endpoint, in addition to the paths of its provider. {@code GET /_seen} returns
 * statistics of the received requests. {@code GET /_script} returns the behaviour, and {@code POST /_script} changes
 * it.
 */
final class ControlPaths {

    /** Limit of the body of {@code POST /_script}. Such a body has only a few numbers. */
    private static final int MAX_SCRIPT_BYTES = 64 * 1024;

    private final Supplier<EndpointStatistics> statistics;
    private final Supplier<Behaviour> behaviour;
    private final BehaviourControl behaviourControl;

    /** Function that applies a behaviour, and ends its outage after some time unless that time is 0. */
    interface BehaviourControl {
        void apply(Behaviour behaviour, long outageMillis);
    }

    ControlPaths(
            Supplier<EndpointStatistics> statistics, Supplier<Behaviour> behaviour, BehaviourControl behaviourControl) {
        this.statistics = statistics;
        this.behaviour = behaviour;
        this.behaviourControl = behaviourControl;
    }

    EndpointService route(EndpointExchange exchange) {
        boolean get = exchange.request.method().equals(HttpMethod.GET);
        if (get && exchange.path().equals("/_seen")) {
            return () -> exchange.respond(PreparedResponse.json(200, ControlJson.write(statistics.get())));
        }
        if (get && exchange.path().equals("/_script")) {
            return () -> exchange.respond(PreparedResponse.json(200, ControlJson.write(behaviour.get())));
        }
        if (exchange.request.method().equals(HttpMethod.POST) && exchange.path().equals("/_script")) {
            return new ScriptService(exchange);
        }
        return () -> exchange.respond(
                PreparedResponse.json(404, "{\"error\":\"the control paths are /_seen and /_script\"}"));
    }

    private final class ScriptService implements EndpointService {

        private final EndpointExchange exchange;
        private final ByteArrayOutputStream json = new ByteArrayOutputStream();

        ScriptService(EndpointExchange exchange) {
            this.exchange = exchange;
        }

        @Override
        public void receiveBody(ByteBuf chunk) {
            if (json.size() > MAX_SCRIPT_BYTES) {
                return;
            }
            try {
                chunk.getBytes(chunk.readerIndex(), json, chunk.readableBytes());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void requestComplete() {
            try {
                ControlJson.Change change = ControlJson.readChange(json.toByteArray(), behaviour.get());
                // The change is applied before the response, so that it is effective when the client receives the
                // response. An outage begins only after the current task of this event loop, so the response is still
                // sent.
                behaviourControl.apply(change.behaviour(), change.outageMillis());
                exchange.respond(PreparedResponse.json(200, ControlJson.write(change.behaviour())));
            } catch (IOException e) {
                exchange.respond(PreparedResponse.json(
                        400, "{\"error\":\"" + PreparedResponse.escapeJson(String.valueOf(e.getMessage())) + "\"}"));
            }
        }
    }
}

package io.crowfly.balancer.attempt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.MAP;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.crowfly.balancer.Alarms;
import io.crowfly.balancer.testbed.CapturedLog;
import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.RunningBalancer;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.Testbed;
import io.crowfly.balancer.testbed.TestedTransports;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Backends that are healthy except for some of their models, while clients request all models. */
@TestedTransports(TestedTransports.Selection.DEFAULT_AND_NIO)
class FailingModelsTest extends Testbed {

    private enum Fault {
        STATUS_500("HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\n{}"),
        ERROR_EVENT(
                TestStream.HEAD + TestStream.chunk(TestStream.CHAT.beginning + TestStream.CHAT.error("server_error"))),
        EMPTY_STREAM(TestStream.HEAD + TestStream.END),
        CLOSED(""),
        RESET_BEFORE_TOKEN(TestStream.HEAD + TestStream.chunk(TestStream.CHAT.beginning));

        private final String response;

        Fault(String response) {
            this.response = response;
        }
    }

    /** A backend whose probes pass, and which fails some models. */
    private final class Endpoint {
        final Set<String> failing = ConcurrentHashMap.newKeySet();
        final AtomicInteger failures = new AtomicInteger();
        final Fault fault;
        final TestBackend backend;

        Endpoint(Fault fault, String... failing) throws Exception {
            this.fault = fault;
            this.failing.addAll(List.of(failing));
            backend = backend(this::serve);
        }

        private void serve(RawConnection peer) throws Exception {
            while (peer.hasInput()) {
                Message request = Message.readRequest(peer);
                if (request.target().equals("/health")) {
                    peer.write(OK);
                } else if (failing.stream().anyMatch(model -> request.body().contains("\"model\":\"" + model))) {
                    failures.incrementAndGet();
                    peer.write(fault.response);
                    return; // the connection is closed
                } else {
                    peer.write(TestStream.CHAT.response("well"));
                }
            }
        }

        String entry(String name, String more) {
            return "  - {name: " + name + ", provider: openai, url: \"http://127.0.0.1:" + backend.port() + "\"" + more
                    + "}\n";
        }
    }

    private static String conf(String backends, String more) {
        return """
                trace-decisions: true
                listeners: [{name: public, bind: "127.0.0.1:0"}]
                admin: {bind: "127.0.0.1:0"}
                probes: {interval: 100ms, timeout: 10s, http: {path: /health}}
                """ + more + "backends:\n" + backends;
    }

    private RunningBalancer running(String backends, String more) throws Exception {
        RunningBalancer running = closing(new RunningBalancer(directory, conf(backends, more)));
        await().until(() -> backends(running).stream().allMatch(backend -> "true".equals(backend.get("healthy"))));
        return running;
    }

    private RunningBalancer running(Endpoint a, Endpoint b, String models) throws Exception {
        return running(a.entry("a", models) + b.entry("b", models), "");
    }

    private RawConnection client(RunningBalancer running) throws Exception {
        return closing(RawConnection.connect(running.balancer.port("public")));
    }

    private static Message chat(RawConnection client, String model) throws Exception {
        client.write(TestStream.CHAT.request(model, "hello"));
        return Message.readResponse(client);
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, ?>> backends(RunningBalancer running) throws Exception {
        return (List<Map<String, ?>>) running.json("/backends");
    }

    private static Map<String, ?> backend(RunningBalancer running, String name) throws Exception {
        return backends(running).stream()
                .filter(backend -> name.equals(backend.get("name")))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> ejectedModels(RunningBalancer running, String backend) throws Exception {
        return ((List<?>) backend(running, backend).get("ejectedModels"))
                .stream()
                        .map(model -> (String) ((Map<?, ?>) model).get("model"))
                        .toList();
    }

    /** Sends requests for these models in turn until the condition is met. All must be answered. */
    private static void chatUntil(RawConnection client, Predicate<Message> condition, String... models) {
        AtomicInteger next = new AtomicInteger();
        await().until(() -> {
            Message response = chat(client, models[next.getAndIncrement() % models.length]);
            assertThat(response.body()).isEqualTo(TestStream.CHAT.text("well"));
            return condition.test(response);
        });
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void twoBackendsThatEachFailOneOfTwoModelsServeBoth(Fault fault) throws Exception {
        Endpoint a = new Endpoint(fault, "m1");
        Endpoint b = new Endpoint(fault, "m2");
        RunningBalancer running = running(a, b, ", models: [m1, m2]");
        RawConnection client = client(running);
        int requests = 200;
        for (int i = 0; i < requests; i++) {
            assertThat(chat(client, i % 2 == 0 ? "m1" : "m2").body()).isEqualTo(TestStream.CHAT.text("well"));
        }
        assertThat(a.failures.get() + b.failures.get()).isBetween(1, requests / 5);
        for (Map<String, ?> backend : backends(running)) {
            assertThat(backend)
                    .asInstanceOf(MAP)
                    .containsEntry("healthy", "true")
                    .containsEntry("ejected", "false");
        }
    }

    @Test
    void showsWhichModelIsOutAndWhy() throws Exception {
        CapturedLog log = closing(new CapturedLog(Alarms.class.getName()));
        Endpoint a = new Endpoint(Fault.STATUS_500, "m1");
        RunningBalancer running = running(a, new Endpoint(Fault.STATUS_500), ", models: [m1, m2]");
        RawConnection client = client(running);
        chatUntil(client, response -> response.header("x-crowfly-decision").contains("a=model ejected"), "m1", "m2");

        assertThat(log.lines(Level.WARN))
                .containsExactly("backend a: model m1: ejected: 3 failures in a row: status 500");
        await().until(() -> {
            chat(client, "m1");
            String page = running.admin("GET", "/decisions?last=1").body();
            return page.matches("(?s).*\"note\" : \"model ejected for \\d+ ms: 3 failures in a row: status 500\".*");
        });
        await().until(() -> {
            chat(client, "m1");
            return running.metrics()
                    .contains("crowfly_ejected_models{backend=\"a\",provider=\"openai\",model=\"m1\",cause=\"error\"");
        });
        await().until(() -> {
            chat(client, "m1");
            return ejectedModels(running, "a").equals(List.of("m1"));
        });
        assertThat(ejectedModels(running, "b")).isEmpty();
        assertThat(running.metrics()).contains("crowfly_backend_ejected{backend=\"a\",provider=\"openai\",} 0.0");
    }

    @Test
    void aBackendThatFailsAllItsModelsIsEjectedAsAWholeAndReturns() throws Exception {
        Endpoint a = new Endpoint(Fault.STATUS_500, "m1", "m2", "m3");
        RunningBalancer running = running(a, new Endpoint(Fault.STATUS_500), ", models: [m1, m2, m3]");
        RawConnection client = client(running);
        String[] models = {"m1", "m2", "m3"};
        chatUntil(client, response -> response.header("x-crowfly-decision").contains("a=ejected"), models);
        await().until(() -> {
            chat(client, "m1");
            Map<String, ?> backend = backend(running, "a");
            return "true".equals(backend.get("ejected")) && "false".equals(backend.get("healthy"));
        });
        a.failing.clear();
        chatUntil(client, response -> response.header("x-crowfly-backend").equals("a"), models);
        assertThat(backend(running, "a")).asInstanceOf(MAP).containsEntry("ejected", "false");
    }

    @Test
    void aModelReturnsAfterItsFaults() throws Exception {
        Endpoint a = new Endpoint(Fault.ERROR_EVENT, "m1");
        RunningBalancer running = running(a, new Endpoint(Fault.ERROR_EVENT), ", models: [m1, m2]");
        RawConnection client = client(running);
        chatUntil(client, response -> response.header("x-crowfly-decision").contains("a=model ejected"), "m1");
        a.failing.clear();
        chatUntil(client, response -> response.header("x-crowfly-backend").equals("a"), "m1");
        assertThat(ejectedModels(running, "a")).isEmpty();
    }

    @Test
    void aModelThatAllBackendsHaveEjectedIsStillTried() throws Exception {
        CapturedLog log = closing(new CapturedLog(Alarms.class.getName()));
        Endpoint a = new Endpoint(Fault.STATUS_500, "m1");
        Endpoint b = new Endpoint(Fault.STATUS_500, "m1");
        RunningBalancer running = running(a, b, ", models: [m1, m2, m3, m4]");
        RawConnection client = client(running);
        await().until(() -> {
            Message response = chat(client, "m1");
            assertThat(response.status()).isEqualTo(500);
            assertThat(chat(client, "m2").status()).isEqualTo(200);
            return response.header("x-crowfly-decision").contains("(panic)");
        });
        assertThat(chat(client, "m2").header("x-crowfly-decision")).doesNotContain("panic");
        await().untilAsserted(() -> assertThat(log.lines(Level.WARN))
                .anyMatch(line -> line.startsWith("panic: none of a, b is healthy for m1, requests are sent")));
        a.failing.clear();
        b.failing.clear();
        await().until(() -> chat(client, "m1").status() == 200);
    }

    @Test
    void aReloadKeepsTheEjectionOfAModel() throws Exception {
        Endpoint a = new Endpoint(Fault.STATUS_500, "m1");
        Endpoint b = new Endpoint(Fault.STATUS_500);
        RunningBalancer running = running(a, b, ", models: [m1, m2]");
        RawConnection client = client(running);
        AtomicInteger generation = new AtomicInteger(1);
        // An ejection may end between two steps. Then the steps are repeated.
        await().until(() -> {
            chat(client, "m1");
            if (!ejectedModels(running, "a").equals(List.of("m1"))) {
                return false;
            }
            String models = ", models: [m1, m2, n" + generation.incrementAndGet() + "]";
            Files.writeString(running.file, conf(a.entry("a", models) + b.entry("b", models), ""));
            assertThat(running.admin("POST", "/reload").statusCode()).isEqualTo(200);
            return ejectedModels(running, "a").equals(List.of("m1"));
        });
        assertThat(running.json("/conf"))
                .extracting(conf -> ((Map<?, ?>) conf).get("generation"))
                .isEqualTo(generation.toString());
    }

    @Test
    void modelsThatClientsInventDoNotEjectABackend() throws Exception {
        Endpoint a = new Endpoint(Fault.STATUS_500, "made-up");
        Endpoint b = new Endpoint(Fault.STATUS_500, "made-up");
        RunningBalancer running = running(a, b, "");
        RawConnection hostile = client(running);
        RawConnection good = client(running);
        for (int i = 0; i < 100; i++) {
            assertThat(chat(hostile, "made-up-" + i % 20).status()).isGreaterThanOrEqualTo(500);
            Message response = chat(good, "m1");
            assertThat(response.body()).isEqualTo(TestStream.CHAT.text("well"));
            assertThat(response.header("x-crowfly-decision")).doesNotContain("ejected", "panic", "next best");
        }
        for (Map<String, ?> backend : backends(running)) {
            assertThat(backend)
                    .asInstanceOf(MAP)
                    .containsEntry("healthy", "true")
                    .containsEntry("ejected", "false");
        }
    }
}

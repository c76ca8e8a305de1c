package io.crowfly.bench.rewriting;

import io.crowfly.bench.endpoint.EndpointSpec;
import io.crowfly.bench.endpoint.SimulatedEndpoint;
import io.crowfly.bench.endpoint.dialect.EndpointDialect;
import io.crowfly.bench.load.HttpCall;
import io.crowfly.bench.peers.CrowflyPeer;
import io.crowfly.bench.peers.PeerScenario;
import io.crowfly.bench.process.Children;
import io.crowfly.bench.process.Ports;
import io.crowfly.bench.process.Programs;
import io.crowfly.bench.process.RunFolder;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Check of {@code bench rewriting} that renaming takes place: finds the model name that a backend receives. The load
 * itself uses nginx backends, which accept any request at little CPU cost. This check uses simulated endpoints with the
 * same conf and body.
 */
final class ReceivedModelFinder {

    private static final Pattern MODEL = Pattern.compile("\"model\"\\s*:\\s*\"([^\"]*)\"");

    private ReceivedModelFinder() {}

    /**
     * Starts the proxy in front of simulated endpoints and sends one request of each scenario, which must have a body.
     *
     * @return the model name that an endpoint received, by scenario
     * @throws IOException if a response has no model name
     */
    static Map<PeerScenario, String> receivedFrom(CrowflyPeer proxy, List<PeerScenario> scenarios, Programs programs)
            throws IOException, InterruptedException {
        int port = Ports.free(1).get(0);
        try (RunFolder folder = RunFolder.create("model");
                SimulatedEndpoint one = SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.openai()));
                SimulatedEndpoint two = SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.openai()));
                Children children = new Children(programs)) {
            Path own = folder.path();
            // The conf is the same for each scenario.
            String conf = proxy.conf(scenarios.get(0), own, port, List.of(one.port(), two.port()));
            Path file = Files.writeString(own.resolve("conf"), conf);
            List<String> command = proxy.command(programs, file);
            children.start(proxy.name(), command, proxy.environment(), own.resolve("log"))
                    .awaitListening(port);
            Map<PeerScenario, String> models = new EnumMap<>(PeerScenario.class);
            for (PeerScenario scenario : scenarios) {
                models.put(scenario, sendChat(port, scenario));
            }
            return models;
        }
    }

    private static String sendChat(int port, PeerScenario scenario) throws IOException {
        byte[] body = scenario.body().orElseThrow().getBytes(StandardCharsets.US_ASCII);
        try (HttpCall call = HttpCall.connect(port)) {
            try (OutputStream out = call.post(scenario.path(), "application/json", OptionalLong.of(body.length))) {
                out.write(body);
            }
            int status = call.status();
            String response = call.text();
            // A simulated endpoint repeats the received name in its response.
            Matcher model = MODEL.matcher(response);
            if (status != 200 || !model.find()) {
                throw new IOException("a chat completion got the status " + status + ": " + response);
            }
            return model.group(1);
        }
    }
}

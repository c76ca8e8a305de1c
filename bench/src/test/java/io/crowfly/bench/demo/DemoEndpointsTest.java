package io.crowfly.bench.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoEndpointsTest {

    private static final Path CONF = Path.of("..", "conf", "demo.yaml");

    private static int status(URI endpoint, String model) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(endpoint.resolve("/openai/v1/chat/completions"))
                .header("api-key", "demo-azure-key")
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"" + model + "\",\"messages\":[]}"))
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    @Test
    void anEndpointAcceptsTheBackendsModelNamesButNotTheClients(@TempDir Path directory) throws Exception {
        DemoConf conf = DemoConf.read(CONF).onFreePorts(directory);
        try (DemoEndpoints endpoints = DemoEndpoints.open(conf.conf().backends())) {
            URI azure = URI.create(endpoints.get("azure-demo").url());
            assertThat(status(azure, "gpt-4o-weu")).isEqualTo(200);
            assertThat(status(azure, "gpt-4o")).isEqualTo(404);
        }
    }
}

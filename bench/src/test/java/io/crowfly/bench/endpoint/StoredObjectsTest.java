package io.crowfly.bench.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.bench.endpoint.dialect.EndpointDialect;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Checks the stored objects of an endpoint, and that other endpoints do not have them. */
class StoredObjectsTest {

    private static final Pattern ID = Pattern.compile("\"id\":\"((?:resp|conv|file|batch|vs|chatcmpl)[_-][^\"]+)\"");

    private static SimulatedEndpoint open() throws Exception {
        return SimulatedEndpoint.open(EndpointSpec.of(EndpointDialect.openai()));
    }

    private static String id(HttpResponse<String> response) {
        Matcher matcher = ID.matcher(response.body());
        assertThat(matcher.find()).as(response.body()).isTrue();
        return matcher.group(1);
    }

    private static String after(String response) {
        return "{\"model\":\"m\",\"input\":\"and then?\",\"previous_response_id\":\"" + response + "\"}";
    }

    @Test
    void aResponseMayReferToAPreviousOneOfTheSameEndpoint() throws Exception {
        try (SimulatedEndpoint here = open();
                SimulatedEndpoint elsewhere = open()) {
            EndpointClient caller = new EndpointClient(here);
            String first = id(caller.post("/v1/responses", "{\"model\":\"m\",\"input\":\"x\"}"));
            var second = caller.post("/v1/responses", after(first));
            assertThat(second.body()).contains("\"previous_response_id\":\"" + first + "\"", "\"input_tokens\":22,");
            var lost = new EndpointClient(elsewhere).post("/v1/responses", after(first));
            assertThat(lost.statusCode()).isEqualTo(400);
            assertThat(lost.body())
                    .contains("\"code\":\"previous_response_not_found\"", "\"param\":\"previous_response_id\"");
        }
    }

    @Test
    void aStreamedResponseIsStoredBeforeItsEndIsSent() throws Exception {
        try (SimulatedEndpoint openai = open()) {
            EndpointClient caller = new EndpointClient(openai);
            String id = id(caller.post("/v1/responses", "{\"model\":\"m\",\"input\":\"Why?\",\"stream\":true}"));
            assertThat(caller.get("/v1/responses/" + id).body())
                    .contains("\"id\":\"" + id + "\"", "\"status\":\"completed\"");
            assertThat(caller.get("/v1/responses/" + id + "/input_items").body())
                    .contains("\"text\":\"Why?\"");
        }
    }

    @Test
    void unstoredAndDeletedResponsesAreNotFound() throws Exception {
        try (SimulatedEndpoint openai = open()) {
            EndpointClient caller = new EndpointClient(openai);
            String notStored = id(caller.post("/v1/responses", "{\"model\":\"m\",\"input\":\"x\",\"store\":false}"));
            assertThat(caller.get("/v1/responses/" + notStored).statusCode()).isEqualTo(404);
            String stored = id(caller.post("/v1/responses", "{\"model\":\"m\",\"input\":\"x\"}"));
            var deleted = caller.send(
                    caller.request("/v1/responses/" + stored).DELETE().build());
            assertThat(deleted.body()).contains("\"deleted\":true");
            assertThat(caller.get("/v1/responses/" + stored).statusCode()).isEqualTo(404);
        }
    }

    @Test
    void aChatCompletionIsStoredOnlyOnRequest() throws Exception {
        try (SimulatedEndpoint openai = open()) {
            EndpointClient caller = new EndpointClient(openai);
            String plain = id(caller.post(EndpointClient.OPENAI_CHAT, EndpointClient.chatBody("m")));
            assertThat(caller.get(EndpointClient.OPENAI_CHAT + "/" + plain).statusCode())
                    .isEqualTo(404);
            String stored =
                    id(caller.post(EndpointClient.OPENAI_CHAT, "{\"model\":\"m\",\"messages\":[],\"store\":true}"));
            assertThat(caller.get(EndpointClient.OPENAI_CHAT + "/" + stored).statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void encryptedReasoningIsAcceptedOnlyByItsEndpoint() throws Exception {
        try (SimulatedEndpoint here = open();
                SimulatedEndpoint elsewhere = open()) {
            var response = new EndpointClient(here)
                    .post(
                            "/v1/responses",
                            "{\"model\":\"m\",\"input\":\"x\",\"store\":false,"
                                    + "\"include\":[\"reasoning.encrypted_content\"]}");
            Matcher sealed =
                    Pattern.compile("\"encrypted_content\":\"([^\"]+)\"").matcher(response.body());
            assertThat(sealed.find()).isTrue();
            String next = "{\"model\":\"m\",\"input\":[{\"type\":\"reasoning\",\"encrypted_content\":\""
                    + sealed.group(1) + "\"},{\"role\":\"user\",\"content\":\"y\"}]}";
            assertThat(new EndpointClient(here).post("/v1/responses", next).statusCode())
                    .isEqualTo(200);
            assertThat(new EndpointClient(elsewhere).post("/v1/responses", next).statusCode())
                    .isEqualTo(400);
        }
    }

    @Test
    void conversationsAndVectorStoresAreCreatedShownAndReferredTo() throws Exception {
        try (SimulatedEndpoint openai = open()) {
            EndpointClient caller = new EndpointClient(openai);
            String conversation = id(caller.post("/v1/conversations", "{}"));
            assertThat(caller.get("/v1/conversations/" + conversation).statusCode())
                    .isEqualTo(200);
            assertThat(caller.post(
                                    "/v1/responses",
                                    "{\"model\":\"m\",\"input\":\"x\",\"conversation\":{\"id\":\"" + conversation
                                            + "\"}}")
                            .body())
                    .contains("\"conversation\":{\"id\":\"" + conversation + "\"}");
            assertThat(caller.post("/v1/responses", "{\"model\":\"m\",\"input\":\"x\",\"conversation\":\"conv_other\"}")
                            .statusCode())
                    .isEqualTo(404);
            String vectors = id(caller.post("/v1/vector_stores", "{\"name\":\"n\"}"));
            assertThat(caller.get("/v1/vector_stores").body()).contains(vectors);
        }
    }

    @Test
    void aFileIsStoredUnchanged() throws Exception {
        try (SimulatedEndpoint openai = open()) {
            EndpointClient caller = new EndpointClient(openai);
            String id = id(caller.send(form(caller, "/v1/files", Form.FILE_FIRST)));
            assertThat(caller.get("/v1/files/" + id).body())
                    .contains("\"filename\":\"model.wav\"", "\"purpose\":\"assistants\"");
            assertThat(caller.get("/v1/files/" + id + "/content").body()).isEqualTo(Form.FILE);
            assertThat(caller.get("/v1/files").body()).contains(id);
            assertThat(caller.post("/v1/batches", "{\"input_file_id\":\"" + id + "\"}")
                            .statusCode())
                    .isEqualTo(200);
            assertThat(caller.post("/v1/batches", "{\"input_file_id\":\"file-other\"}")
                            .statusCode())
                    .isEqualTo(404);
        }
    }

    @Test
    void aTranscriptionFindsItsModelBeforeOrAfterTheFile() throws Exception {
        try (SimulatedEndpoint openai = open()) {
            EndpointClient caller = new EndpointClient(openai);
            for (Form form : Form.values()) {
                var response = caller.send(form(caller, "/v1/audio/transcriptions", form));
                assertThat(response.body()).as(form.name()).contains("(" + Form.FILE.length() + " bytes, crc32c ");
            }
            assertThat(openai.statistics().models()).containsOnlyKeys("gpt-4o-transcribe");
            var none = caller.post("/v1/audio/transcriptions", "{\"model\":\"gpt-4o-transcribe\"}");
            assertThat(none.statusCode()).isEqualTo(400);
        }
    }

    private static HttpRequest form(EndpointClient caller, String path, Form form) {
        return caller.request(path)
                .header("content-type", Form.TYPE)
                .POST(HttpRequest.BodyPublishers.ofString(form.body))
                .build();
    }

    private enum Form {
        FILE_FIRST(file() + model() + purpose()),
        MODEL_FIRST(purpose() + model() + file());

        static final String FILE = "RIFF....name=\"model\"....not-a-boundary--fixBoundary";
        static final String TYPE = "multipart/form-data; boundary=\"----fixBoundary\"";

        final String body;

        Form(String parts) {
            body = parts + "------fixBoundary--\r\n";
        }

        private static String file() {
            return part("name=\"file\"; filename=\"model.wav\"\r\nContent-Type: audio/wav", FILE);
        }

        private static String model() {
            return part("name=\"model\"", "gpt-4o-transcribe");
        }

        private static String purpose() {
            return part("name=\"purpose\"", "assistants");
        }

        private static String part(String disposition, String content) {
            return "------fixBoundary\r\ncontent-disposition: form-data; " + disposition + "\r\n\r\n" + content
                    + "\r\n";
        }
    }
}

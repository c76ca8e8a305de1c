package io.crowfly.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.core.http.StreamResponse;
import com.openai.errors.NotFoundException;
import com.openai.models.responses.Response;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseStreamEvent;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ResponsesTest {

    private static final int TURNS = 12;
    private static final OpenAIClient CLIENT = Target.client(0);

    static Stream<Backend> backends() {
        return Target.serving("responses");
    }

    @AfterAll
    static void close() {
        CLIENT.close();
    }

    private static ResponseCreateParams.Builder params(Backend backend) {
        return ResponseCreateParams.builder().input("and then?").model(backend.clientModel("responses"));
    }

    private static Response create(Backend backend, ResponseCreateParams params) {
        return backend.receives(
                "responses", "resource", "responses", () -> CLIENT.responses().create(params));
    }

    private static String text(Response response) {
        return response.output().stream()
                .flatMap(item -> item.message().stream())
                .flatMap(message -> message.content().stream())
                .flatMap(content -> content.outputText().stream())
                .map(output -> output.text())
                .collect(Collectors.joining());
    }

    @ParameterizedTest
    @MethodSource("backends")
    void responsesReferToPreviousOnes(Backend backend) {
        Response last = create(backend, params(backend).build());
        for (int turn = 2; turn <= TURNS; turn++) {
            Response next = create(backend, params(backend).previousResponseId(last.id()).build());
            assertThat(text(next)).startsWith("Oslo");
            assertThat(next.previousResponseId()).hasValue(last.id());
            // The backend counts the turns that it has stored.
            assertThat(next.usage().orElseThrow().inputTokens()).isEqualTo(11L * turn);
            last = next;
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void aStreamedResponseCanBeShownAndDeleted(Backend backend) {
        List<ResponseStreamEvent> events = backend.receives("responses", "resource", "responses", () -> {
            try (StreamResponse<ResponseStreamEvent> stream =
                    CLIENT.responses().createStreaming(params(backend).build())) {
                return stream.stream().toList();
            }
        });
        String streamedText = events.stream()
                .flatMap(event -> event.outputTextDelta().stream())
                .map(delta -> delta.delta())
                .collect(Collectors.joining());
        assertThat(streamedText).startsWith("Oslo");
        String id = events.stream()
                .flatMap(event -> event.completed().stream())
                .map(completed -> completed.response().id())
                .findFirst()
                .orElseThrow();
        assertThat(text(CLIENT.responses().retrieve(id))).isEqualTo(streamedText);
        CLIENT.responses().delete(id);
        assertThatThrownBy(() -> CLIENT.responses().retrieve(id)).isInstanceOf(NotFoundException.class);
    }
}

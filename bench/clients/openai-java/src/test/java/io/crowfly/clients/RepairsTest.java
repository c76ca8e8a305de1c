package io.crowfly.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.core.http.StreamResponse;
import com.openai.errors.InternalServerException;
import com.openai.errors.OpenAIException;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseStreamEvent;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Faults of a backend. Before the first token the client does not notice them, because another backend responds. After
 * it, and if no backend responds, the client raises its own exception. See {@code ../repairs.yaml}.
 */
class RepairsTest {

    private static final OpenAIClient CLIENT = Target.repairsClient();

    @AfterAll
    static void close() {
        CLIENT.close();
    }

    /** Adds the pieces of a streamed chat completion to the list, also those that come before an exception. */
    private static void readChat(String model, List<String> pieces) {
        ChatCompletionCreateParams params =
                ChatCompletionCreateParams.builder().addUserMessage("hi").model(model).build();
        try (StreamResponse<ChatCompletionChunk> stream = CLIENT.chat().completions().createStreaming(params)) {
            stream.stream()
                    .flatMap(chunk -> chunk.choices().stream())
                    .flatMap(choice -> choice.delta().content().stream())
                    .forEach(pieces::add);
        }
    }

    private static void readResponse(String model, List<String> pieces) {
        ResponseCreateParams params =
                ResponseCreateParams.builder().input("hi").model(model).build();
        try (StreamResponse<ResponseStreamEvent> stream = CLIENT.responses().createStreaming(params)) {
            stream.stream()
                    .flatMap(event -> event.outputTextDelta().stream())
                    .forEach(delta -> pieces.add(delta.delta()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"status", "reset", "error", "end"})
    void aFaultBeforeTheFirstTokenIsRepaired(String fault) {
        List<String> pieces = new ArrayList<>();
        readChat("java-" + fault, pieces);
        assertThat(String.join("", pieces)).startsWith("Oslo is the capital of Norway");
        pieces.clear();
        readResponse("java-" + fault, pieces);
        assertThat(String.join("", pieces)).startsWith("Oslo is the capital of Norway");
    }

    @ParameterizedTest
    @ValueSource(strings = {"reset", "error"})
    void aFaultAfterTheFirstTokenIsTheClientsException(String fault) {
        List<String> pieces = new ArrayList<>();
        assertThatThrownBy(() -> readChat("late-" + fault, pieces)).isInstanceOf(OpenAIException.class);
        assertThat(String.join("", pieces)).isNotEmpty();
        if (fault.equals("reset")) {
            // The error of a response is an event of the API, which the client passes to its caller.
            assertThatThrownBy(() -> readResponse("late-reset", pieces)).isInstanceOf(OpenAIException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"status", "reset"})
    void ifAllBackendsFailTheClientRaisesItsException(String fault) {
        assertThatThrownBy(() -> readChat("lost-" + fault, new ArrayList<>()))
                .isInstanceOf(InternalServerException.class);
        assertThatThrownBy(() -> readResponse("lost-" + fault, new ArrayList<>()))
                .isInstanceOf(InternalServerException.class);
        assertThatThrownBy(() -> readChat("lost-error", new ArrayList<>())).isInstanceOf(OpenAIException.class);
    }
}

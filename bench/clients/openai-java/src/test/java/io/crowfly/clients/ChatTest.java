package io.crowfly.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.core.http.StreamResponse;
import com.openai.errors.InternalServerException;
import com.openai.errors.NotFoundException;
import com.openai.errors.RateLimitException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ChatTest {

    private static final OpenAIClient CLIENT = Target.client(0);

    static Stream<Backend> backends() {
        return Target.serving("chat");
    }

    @AfterAll
    static void close() {
        CLIENT.close();
    }

    private static ChatCompletionCreateParams.Builder params(String model) {
        return ChatCompletionCreateParams.builder()
                .addUserMessage("What is the capital of Norway? Blåbær 😀 \"model\": \"no\"")
                .model(model);
    }

    @ParameterizedTest
    @MethodSource("backends")
    void aCompletionArrivesComplete(Backend backend) {
        ChatCompletion response = backend.receives("chat", "deployment", "chat/completions", () -> CLIENT.chat()
                .completions()
                .create(params(backend.clientModel("chat")).build()));
        assertThat(response.choices().get(0).message().content()).hasValueSatisfying(text -> assertThat(text)
                .startsWith("Oslo is the capital of Norway"));
        assertThat(response.usage()).hasValueSatisfying(
                usage -> assertThat(usage.totalTokens()).isGreaterThan(usage.promptTokens()));
    }

    @ParameterizedTest
    @MethodSource("backends")
    void aCompletionStreams(Backend backend) {
        ChatCompletionCreateParams params = params(backend.clientModel("chat"))
                .streamOptions(ChatCompletionStreamOptions.builder()
                        .includeUsage(true)
                        .build())
                .build();
        List<ChatCompletionChunk> chunks = backend.receives("chat", "deployment", "chat/completions", () -> {
            try (StreamResponse<ChatCompletionChunk> stream =
                    CLIENT.chat().completions().createStreaming(params)) {
                return stream.stream().toList();
            }
        });
        List<String> pieces = chunks.stream()
                .flatMap(chunk -> chunk.choices().stream())
                .flatMap(choice -> choice.delta().content().stream())
                .filter(piece -> !piece.isEmpty())
                .toList();
        assertThat(pieces).hasSizeGreaterThan(1);
        assertThat(pieces.stream().collect(Collectors.joining())).startsWith("Oslo is the capital of Norway");
        assertThat(chunks.stream().map(ChatCompletionChunk::usage).flatMap(Optional::stream))
                .isNotEmpty();
    }

    @ParameterizedTest
    @MethodSource("backends")
    void errorsHaveTheClientsClasses(Backend backend) {
        assertThatThrownBy(() -> CLIENT.chat()
                        .completions()
                        .create(params(backend.name() + "-429").build()))
                .isInstanceOf(RateLimitException.class);
        assertThatThrownBy(() -> CLIENT.chat()
                        .completions()
                        .create(params(backend.name() + "-500").build()))
                .isInstanceOf(InternalServerException.class);
    }

    @Test
    void anUnknownModelIsNotFound() {
        assertThatThrownBy(() -> CLIENT.chat().completions().create(params("gpt-nope").build()))
                .isInstanceOfSatisfying(
                        NotFoundException.class, error -> assertThat(error.code()).hasValue("model_not_found"));
    }

    @ParameterizedTest
    @MethodSource("backends")
    void aRequestThatFailsOnceIsRetried(Backend backend) {
        backend.failOnce(500);
        OpenAIClient retrying = Target.client(2);
        try {
            ChatCompletion response = retrying.chat().completions().create(params(backend.clientModel("chat")).build());
            assertThat(response.choices()).isNotEmpty();
        } finally {
            retrying.close();
        }
    }
}

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

    private static ChatCompletionCreateParams.Builder ask(String model) {
        return ChatCompletionCreateParams.builder()
                .addUserMessage("What is the capital of Norway? Blåbær 😀 \"model\": \"no\"")
                .model(model);
    }

    @ParameterizedTest
    @MethodSource("backends")
    void aCompletionComesWhole(Backend backend) {
        ChatCompletion answer = backend.gets("chat", "deployment", "chat/completions", () -> CLIENT.chat()
                .completions()
                .create(ask(backend.asked("chat")).build()));
        assertThat(answer.choices().get(0).message().content()).hasValueSatisfying(text -> assertThat(text)
                .startsWith("Oslo is the capital of Norway"));
        assertThat(answer.usage()).hasValueSatisfying(
                usage -> assertThat(usage.totalTokens()).isGreaterThan(usage.promptTokens()));
    }

    @ParameterizedTest
    @MethodSource("backends")
    void aCompletionStreams(Backend backend) {
        ChatCompletionCreateParams params = ask(backend.asked("chat"))
                .streamOptions(ChatCompletionStreamOptions.builder()
                        .includeUsage(true)
                        .build())
                .build();
        List<ChatCompletionChunk> chunks = backend.gets("chat", "deployment", "chat/completions", () -> {
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
    void errorsAreTheClientsOwn(Backend backend) {
        assertThatThrownBy(() -> CLIENT.chat()
                        .completions()
                        .create(ask(backend.name() + "-429").build()))
                .isInstanceOf(RateLimitException.class);
        assertThatThrownBy(() -> CLIENT.chat()
                        .completions()
                        .create(ask(backend.name() + "-500").build()))
                .isInstanceOf(InternalServerException.class);
    }

    @Test
    void aModelThatNobodyServesIsNotFound() {
        assertThatThrownBy(() -> CLIENT.chat().completions().create(ask("gpt-nope").build()))
                .isInstanceOfSatisfying(
                        NotFoundException.class, error -> assertThat(error.code()).hasValue("model_not_found"));
    }

    @ParameterizedTest
    @MethodSource("backends")
    void whatFailsOnceIsRetried(Backend backend) {
        backend.failOnce(500);
        OpenAIClient retrying = Target.client(2);
        try {
            ChatCompletion answer = retrying.chat().completions().create(ask(backend.asked("chat")).build());
            assertThat(answer.choices()).isNotEmpty();
        } finally {
            retrying.close();
        }
    }
}

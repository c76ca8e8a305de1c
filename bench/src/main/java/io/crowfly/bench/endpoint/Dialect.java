package io.crowfly.bench.endpoint;

import io.netty.handler.codec.http.HttpRequest;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Where a kind of provider differs from the others: its paths, what it lets in, and the manner of its answers. */
public sealed interface Dialect permits AzureDialect, GoogleDialect, OpenAiDialect {

    /** Azure's v1 surface; every request needs the header {@code api-key} with this key. */
    static Dialect azure(String apiKey) {
        return new AzureDialect(apiKey);
    }

    /** Google's OpenAI-compatible surface; every request needs this bearer token. */
    static Dialect google(String bearer) {
        return new GoogleDialect(bearer);
    }

    /** A plain OpenAI-compatible service that asks for nothing. */
    static Dialect openai() {
        return new OpenAiDialect(Optional.empty());
    }

    /** A plain OpenAI-compatible service that wants this bearer token. */
    static Dialect openai(String bearer) {
        return new OpenAiDialect(Optional.of(bearer));
    }

    /** Also the folder of its fixtures. */
    String name();

    /** What comes after the provider's own root in a path ({@code chat/completions}); empty if it isn't under the root. */
    Optional<String> operation(String path);

    Set<Api> serves();

    /** The status to refuse this request with before anything else is looked at; empty lets it in. */
    OptionalInt refusal(HttpRequest request);

    /** How many tokens of a stream leave together. */
    int tokensPerBurst();
}

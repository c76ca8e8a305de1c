package io.crowfly.bench.endpoint;

import java.util.OptionalInt;

/**
 * What a request's JSON asks for, as far as an answer depends on it.
 *
 * @param model empty if it names none
 * @param inputs how many things to embed
 * @param base64 whether embeddings are wanted as base64 of little-endian floats, as the official clients ask by default
 */
record Asked(
        String model,
        boolean stream,
        boolean includeUsage,
        OptionalInt maxTokens,
        int inputs,
        boolean base64,
        int dimensions) {}

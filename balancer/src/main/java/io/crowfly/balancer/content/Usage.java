package io.crowfly.balancer.content;

/**
 * What a backend says an answer has cost, in tokens.
 *
 * @param inputTokens of the prompt, those that were cached included
 * @param outputTokens of the answer, reasoning included; 0 where there is none, as with embeddings
 */
public record Usage(long inputTokens, long outputTokens) {}

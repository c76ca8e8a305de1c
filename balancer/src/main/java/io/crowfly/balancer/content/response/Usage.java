package io.crowfly.balancer.content.response;

/**
 * Token usage that a backend reports for a response.
 *
 * @param inputTokens tokens of the prompt, cached ones included
 * @param outputTokens tokens of the response, reasoning included; 0 if there are none, as with embeddings
 */
public record Usage(long inputTokens, long outputTokens) {}

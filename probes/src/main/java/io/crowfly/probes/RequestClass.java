package io.crowfly.probes;

/**
 * What of a request explains how long its answer takes, beside the size of its prompt. Estimates are kept for each backend
 * and class.
 *
 * @param model as the client names it; empty where it names none
 * @param streamed whether the answer is a stream of tokens, whose first one counts, rather than a body whose first byte does
 */
public record RequestClass(Api api, String model, boolean streamed) {}

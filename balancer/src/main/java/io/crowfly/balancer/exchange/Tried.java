package io.crowfly.balancer.exchange;

/**
 * One attempt of an exchange, for those who want to know why a request went where it did.
 *
 * @param place of the backend among the candidates
 * @param why it was tried, in a few words
 * @param end how it ended, in a few words: a status, a failure, or that it was cancelled
 */
public record Tried(int place, String why, String end) {}

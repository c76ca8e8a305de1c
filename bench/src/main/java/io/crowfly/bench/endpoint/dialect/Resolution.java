package io.crowfly.bench.endpoint.dialect;

/** What a dialect makes of a request's head. */
public sealed interface Resolution permits Operation, Refusal {}

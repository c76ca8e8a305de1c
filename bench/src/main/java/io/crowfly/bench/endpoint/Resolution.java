package io.crowfly.bench.endpoint;

/** What a dialect makes of a request's head. */
sealed interface Resolution permits Operation, Refusal {}

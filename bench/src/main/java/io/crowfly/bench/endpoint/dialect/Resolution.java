package io.crowfly.bench.endpoint.dialect;

/** The result of resolving a request's head: an operation or a refusal. */
public sealed interface Resolution permits RequestedOperation, EndpointRefusal {}

package io.crowfly.bench.endpoint.dialect;

/** Result of reading a request's head in a simulated endpoint: an operation or a refusal. */
public sealed interface Resolution permits RequestedOperation, EndpointRefusal {}

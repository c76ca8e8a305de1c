package io.crowfly.bench.policies.policy;

/**
 * What an edge can know of a request before it sends it.
 *
 * @param id unlike that of every other request of the run, this client's own retries included
 * @param model as the client names it
 * @param modelIndex the model's place in the scenario, from 0
 * @param promptBytes the length of the body; about four bytes to a token
 */
public record Request(long id, String model, int modelIndex, boolean streamed, long promptBytes) {}

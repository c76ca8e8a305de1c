package io.crowfly.bench.policies.policy;

/**
 * Request in the policy simulator: the facts that an edge knows before sending it.
 *
 * @param id unique in the run; a retry by the client has a new id
 * @param model the client's name for the model
 * @param modelIndex position of the model in the scenario, from 0
 * @param streamed whether the response is streamed
 * @param promptBytes length of the body; about four bytes per token
 */
public record SimulatedRequest(long id, String model, int modelIndex, boolean streamed, long promptBytes) {}

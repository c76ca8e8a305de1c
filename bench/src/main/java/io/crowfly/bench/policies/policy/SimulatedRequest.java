package io.crowfly.bench.policies.policy;

/**
 * The facts of a request that an edge knows before sending it.
 *
 * @param id unique in the run; a retry of the client has a new id
 * @param model the client's name for the model
 * @param modelIndex position of the model in the scenario, from 0
 * @param promptBytes length of the body; about four bytes per token
 */
public record SimulatedRequest(long id, String model, int modelIndex, boolean streamed, long promptBytes) {}

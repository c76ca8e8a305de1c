package io.crowfly.bench.endpoint.behaviour;

/**
 * Behaviour of one model of a simulated endpoint, where it differs from the endpoint's.
 *
 * @param timeFactor factor on the endpoint's time to the first token
 * @param fault failure of all requests for the model
 */
public record ModelBehaviour(double timeFactor, Fault fault) {

    public static final ModelBehaviour ORDINARY = new ModelBehaviour(1, Fault.NONE);

    /** Kind of failure. */
    public enum Fault {
        NONE,
        STATUS_500,
        /** A token stream begins, and an error event ends it before its first token. */
        ERROR_EVENT,
        /** A token stream begins, and its first token never comes. */
        SILENCE
    }

    public ModelBehaviour withFault(Fault other) {
        return new ModelBehaviour(timeFactor, other);
    }
}

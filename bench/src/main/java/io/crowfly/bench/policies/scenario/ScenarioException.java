package io.crowfly.bench.policies.scenario;

/** Problem in a scenario file. The message has the position, what is wrong, and the allowed values. */
public final class ScenarioException extends Exception {

    private static final long serialVersionUID = 1;

    ScenarioException(String message) {
        super(message);
    }
}

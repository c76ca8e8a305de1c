package io.crowfly.bench.policies.scenario;

/** A scenario file is invalid. The message says where, what is wrong, and which values are allowed. */
public final class ScenarioException extends Exception {

    private static final long serialVersionUID = 1;

    ScenarioException(String message) {
        super(message);
    }
}

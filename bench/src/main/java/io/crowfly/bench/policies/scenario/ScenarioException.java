package io.crowfly.bench.policies.scenario;

/** A scenario file is wrong. The message says where, what, and what may stand there. */
public final class ScenarioException extends Exception {

    private static final long serialVersionUID = 1;

    ScenarioException(String message) {
        super(message);
    }
}

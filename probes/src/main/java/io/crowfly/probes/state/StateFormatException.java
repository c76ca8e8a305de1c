package io.crowfly.probes.state;

/** A transferred value is not of the expected kind. */
public final class StateFormatException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public StateFormatException(String message) {
        super(message);
    }
}

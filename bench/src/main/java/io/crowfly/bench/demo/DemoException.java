package io.crowfly.bench.demo;

/** Failure to start the demo, for example a port in use. The message says how to correct it. */
final class DemoException extends Exception {

    private static final long serialVersionUID = 1L;

    DemoException(String message) {
        super(message);
    }
}

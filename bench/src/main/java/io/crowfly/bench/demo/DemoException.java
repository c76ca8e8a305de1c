package io.crowfly.bench.demo;

/** The demo can't run. The message says why, and how to correct it. */
final class DemoException extends Exception {

    private static final long serialVersionUID = 1L;

    DemoException(String message) {
        super(message);
    }
}

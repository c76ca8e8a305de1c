package io.crowfly.bench.demo;

/** The demo can't run; the message says why, and how to mend it. */
final class DemoException extends Exception {

    private static final long serialVersionUID = 1L;

    DemoException(String message) {
        super(message);
    }
}

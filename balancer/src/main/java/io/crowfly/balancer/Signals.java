package io.crowfly.balancer;

/** Handlers of signals that the operating system sends to the process. */
final class Signals {

    private Signals() {}

    /** Runs the task on each such signal, on a thread of the JDK. */
    static void on(String name, Runnable task) {
        sun.misc.Signal.handle(new sun.misc.Signal(name), signal -> task.run());
    }
}

package io.crowfly.balancer;

/** What the operating system may tell the process. */
final class Signals {

    private Signals() {}

    /** Runs the task each time the signal comes, on a thread of the JDK's. */
    static void on(String name, Runnable task) {
        sun.misc.Signal.handle(new sun.misc.Signal(name), signal -> task.run());
    }
}

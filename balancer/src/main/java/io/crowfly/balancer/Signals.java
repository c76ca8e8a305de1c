package io.crowfly.balancer;

/** Registration of handlers for signals that the operating system sends to the process, such as SIGTERM. */
final class Signals {

    private Signals() {}

    /**
     * Runs the task each time that the process receives the signal, on a thread of the JDK.
     *
     * @param name name of the signal without SIG, for example {@code TERM}
     */
    static void on(String name, Runnable task) {
        sun.misc.Signal.handle(new sun.misc.Signal(name), signal -> task.run());
    }
}

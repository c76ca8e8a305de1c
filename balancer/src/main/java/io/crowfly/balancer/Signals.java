package io.crowfly.balancer;

/** What the operating system may tell the process. */
final class Signals {

    private Signals() {}

    /** Runs the task on each SIGHUP, on a thread of the JDK's. */
    static void onHangUp(Runnable task) {
        sun.misc.Signal.handle(new sun.misc.Signal("HUP"), signal -> task.run());
    }
}

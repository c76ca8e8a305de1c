package io.crowfly.bench;

/**
 * Training run of the launcher for the class path of {@code bench}: a short demo, so that the JVM can write its start-up
 * cache. The balancer has a training run of its own for its class path.
 */
final class StartupTraining {

    private StartupTraining() {}

    public static void main(String[] args) {
        Main.commandLine().execute("demo", "--any-port", "--for", "2s");
    }
}

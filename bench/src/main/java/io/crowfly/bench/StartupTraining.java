package io.crowfly.bench;

/**
 * Training run for the JVM's start-up cache of the bench class path: runs a demo of two seconds. The launcher runs it
 * once for each build and JDK. The balancer's class path has its own training run.
 */
final class StartupTraining {

    private StartupTraining() {}

    public static void main(String[] args) {
        Main.commandLine().execute("demo", "--any-port", "--for", "2s");
    }
}

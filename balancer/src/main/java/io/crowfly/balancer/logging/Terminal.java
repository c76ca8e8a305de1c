package io.crowfly.balancer.logging;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Check whether standard output or standard error is a terminal, because output for people differs from output for
 * programs.
 */
public final class Terminal {

    private static final Path STANDARD_OUTPUT = Path.of("/proc/self/fd/1");
    private static final Path STANDARD_ERROR = Path.of("/proc/self/fd/2");

    private Terminal() {}

    /** Returns whether the process's standard output is a terminal. */
    public static boolean onStandardOutput() {
        return isTerminal(STANDARD_OUTPUT);
    }

    /** Returns whether the process's standard error is a terminal. */
    static boolean onStandardError() {
        return isTerminal(STANDARD_ERROR);
    }

    /**
     * Returns whether a file descriptor is a terminal. {@link System#console} is used only if there is no {@code
     * /proc}, because it checks standard input and output together, and JDK 22 to 24 return a console even without a
     * terminal.
     */
    private static boolean isTerminal(Path descriptor) {
        try {
            String target = Files.readSymbolicLink(descriptor).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException e) {
            return System.console() != null;
        }
    }
}

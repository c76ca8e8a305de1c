package io.crowfly.balancer.logging;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether a person is reading. */
public final class Terminal {

    private static final Path STANDARD_OUTPUT = Path.of("/proc/self/fd/1");
    private static final Path STANDARD_ERROR = Path.of("/proc/self/fd/2");

    private Terminal() {}

    /** What the process's standard output leads to. */
    public static boolean onStandardOutput() {
        return isTerminal(STANDARD_OUTPUT);
    }

    /** What the process's standard error leads to. */
    static boolean onStandardError() {
        return isTerminal(STANDARD_ERROR);
    }

    /**
     * {@link System#console} asks about standard input and output instead, and the JDKs from
     * 22 to 24 answer it even where there is no terminal; it has to do where there is no {@code /proc}.
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

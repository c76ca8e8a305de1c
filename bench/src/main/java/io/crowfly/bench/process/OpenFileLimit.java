package io.crowfly.bench.process;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;

/** The limit of open files of this process, which its child processes inherit. Each connection is an open file. */
public final class OpenFileLimit {

    /** Files of a process besides the connections that are counted: libraries, pools, connections to backends. */
    private static final int OTHER_FILES = 1000;

    private OpenFileLimit() {}

    /**
     * Checks the limit.
     *
     * @throws IOException if the limit does not allow that many connections; the message says how to raise it
     */
    public static void check(int connections) throws IOException {
        long needed = connections + OTHER_FILES;
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                && system.getMaxFileDescriptorCount() < needed) {
            throw new IOException(
                    "this benchmark needs %d open files in a process, and the limit is %d; run `ulimit -n %d` first, or use fewer connections"
                            .formatted(needed, system.getMaxFileDescriptorCount(), needed));
        }
    }
}

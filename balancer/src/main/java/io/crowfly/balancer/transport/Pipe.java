package io.crowfly.balancer.transport;

import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.FastThreadLocal;
import java.io.IOException;
import java.util.ArrayDeque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pipe in the kernel through which bytes are spliced. An event loop keeps some pipes that are not used, because a new
 * one costs several microseconds.
 *
 * @param input descriptor that takes bytes
 * @param output descriptor that gives them back
 */
record Pipe(FileDescriptor input, FileDescriptor output) {

    private static final Logger LOG = LoggerFactory.getLogger(Pipe.class);

    /** Pipes that each loop keeps. An empty pipe takes about a KiB in the kernel. */
    private static final int MAX_UNUSED = 16;

    private static final FastThreadLocal<ArrayDeque<Pipe>> UNUSED = new FastThreadLocal<>() {
        @Override
        protected ArrayDeque<Pipe> initialValue() {
            return new ArrayDeque<>();
        }

        @Override
        protected void onRemoval(ArrayDeque<Pipe> unused) {
            unused.forEach(Pipe::close);
        }
    };

    /**
     * Returns an empty pipe. Call on an event loop.
     *
     * @throws IOException if the process has too many open files
     */
    static Pipe open() throws IOException {
        Pipe unused = UNUSED.get().pollLast();
        if (unused != null) {
            return unused;
        }
        FileDescriptor[] ends = FileDescriptor.pipe();
        return new Pipe(ends[1], ends[0]);
    }

    /**
     * Releases the pipe. Call on the loop that has opened it.
     *
     * @param empty whether the pipe contains no bytes, so that it can be used again
     */
    void release(boolean empty) {
        ArrayDeque<Pipe> unused = UNUSED.get();
        if (empty && unused.size() < MAX_UNUSED) {
            unused.add(this);
        } else {
            close();
        }
    }

    private void close() {
        try {
            input.close();
            output.close();
        } catch (IOException e) {
            LOG.warn("cannot close a pipe: {}", e.getMessage());
        }
    }
}

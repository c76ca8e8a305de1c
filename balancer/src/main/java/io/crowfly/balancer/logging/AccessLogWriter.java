package io.crowfly.balancer.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.recovery.ResilientFileOutputStream;
import io.crowfly.balancer.exchange.Outcome;
import io.crowfly.conf.AccessLog;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Optional;

/*
 * An event loop only enqueues the outcome. The queue's own thread formats and writes the line. A reload replaces only
 * the output stream, so no line is lost. Every reload opens the file again, as log rotation requires after it has moved
 * the file.
 */

/**
 * Writer of the access log, kept across reloads: formats and writes outcomes on its own thread. {@link #append} may be
 * called on any thread; other calls must not overlap.
 */
public final class AccessLogWriter implements AutoCloseable {

    /** Size of the buffer between two writes to the file. */
    private static final long FILE_BUFFER_BYTES = 64 * 1024;

    private final LoggerContext context = new LoggerContext();
    private final Logger logger = context.getLogger("access");
    private final OutputStreamAppender<ILoggingEvent> stream = new OutputStreamAppender<>();
    private final LossyQueue queue = new LossyQueue();
    private volatile boolean enabled;

    public AccessLogWriter() {
        context.setMDCAdapter(new LogbackMDCAdapter()); // every event reads its (empty) MDC
        AccessLogLayout line = new AccessLogLayout();
        line.setContext(context);
        line.start();
        LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
        encoder.setContext(context);
        encoder.setLayout(line);
        encoder.start();
        stream.setContext(context);
        stream.setEncoder(encoder);
        stream.setOutputStream(OutputStream.nullOutputStream());
        stream.start();
        queue.setContext(context);
        queue.addAppender(stream);
        queue.start();
    }

    /** Output stream that is open but not written to before {@link #commit}. */
    public final class PreparedStream {

        private final Optional<OutputStream> opened;
        private final String region;

        private PreparedStream(Optional<OutputStream> opened, String region) {
            this.opened = opened;
            this.region = region;
        }

        /** Makes this stream the current one and closes the previous one. */
        public void commit() {
            context.putProperty(LogProperties.REGION, region);
            stream.setOutputStream(opened.orElseGet(OutputStream::nullOutputStream));
            if (!stream.isStarted()) {
                // After a failed write, Logback has stopped the appender.
                stream.start();
            }
            enabled = opened.isPresent();
        }

        public void abandon() {
            try {
                if (opened.isPresent()) {
                    opened.get().close();
                }
            } catch (IOException e) {
                // No data is lost, because nothing was written to the stream.
            }
        }
    }

    /**
     * Opens the output that the conf names.
     *
     * @param accessLog absent for no access log
     * @throws IOException if the file cannot be written; the current stream stays
     */
    public PreparedStream prepare(Optional<AccessLog> accessLog, String region) throws IOException {
        return new PreparedStream(
                accessLog.isPresent() ? Optional.of(open(accessLog.get())) : Optional.empty(), region);
    }

    private OutputStream open(AccessLog accessLog) throws IOException {
        Optional<Path> file = accessLog.file();
        if (file.isEmpty()) {
            return new StandardOutput();
        }
        try {
            ResilientFileOutputStream out =
                    new ResilientFileOutputStream(file.get().toFile(), true, FILE_BUFFER_BYTES);
            out.setContext(context);
            return out;
        } catch (IOException e) {
            throw new IOException("access-log cannot be written: " + e.getMessage(), e);
        }
    }

    /** Standard output, written without {@link System#out}, which hides write errors. Never closed. */
    private static final class StandardOutput extends FilterOutputStream {
        StandardOutput() {
            super(new FileOutputStream(FileDescriptor.out));
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void close() {}
    }

    /** Enqueues the line of an exchange that has ended. Never blocks; the line is dropped if the queue is full. */
    public void append(Outcome outcome) {
        if (enabled) {
            queue.doAppend(new LoggingEvent(
                    AccessLogWriter.class.getName(), logger, Level.INFO, "", null, new Object[] {outcome}));
        }
    }

    /** Returns the number of lines that were dropped because the output was too slow. */
    public long droppedLines() {
        return queue.dropped();
    }

    /** Writes the waiting lines, for at most a second, and closes the stream. */
    @Override
    public void close() {
        enabled = false;
        queue.stop();
        stream.stop();
    }
}

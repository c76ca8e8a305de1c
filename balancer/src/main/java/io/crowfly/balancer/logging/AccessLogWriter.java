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
 * A loop hands over the outcome and nothing else: the line is made, and written, by the queue's own thread. Only the stream
 * at the end of it changes with a reload, so no line is lost then; and since a reload opens the file anew every time, it is
 * also what log rotation needs after it has moved the file away.
 */

/** The access log, carried from one conf to the next. Counting in is for any thread, the rest for one at a time. */
public final class AccessLogWriter implements AutoCloseable {

    /** Buffered between two writes of the queue's thread. */
    private static final long FILE_BUFFER_BYTES = 64 * 1024;

    private final LoggerContext context = new LoggerContext();
    private final Logger logger = context.getLogger("access");
    private final OutputStreamAppender<ILoggingEvent> stream = new OutputStreamAppender<>();
    private final LossyQueue queue = new LossyQueue();
    private volatile boolean enabled;

    public AccessLogWriter() {
        context.setMDCAdapter(new LogbackMDCAdapter()); // asked for its nothing by every event
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

    /** A stream that has been opened and is not written to yet. */
    public final class PreparedStream {

        private final Optional<OutputStream> opened;
        private final String region;

        private PreparedStream(Optional<OutputStream> opened, String region) {
            this.opened = opened;
            this.region = region;
        }

        /** Makes it the one in force; the one before is closed. */
        public void commit() {
            context.putProperty(LogProperties.REGION, region);
            stream.setOutputStream(opened.orElseGet(OutputStream::nullOutputStream));
            if (!stream.isStarted()) {
                // A write that failed had ended it.
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
                // Nothing was written to it.
            }
        }
    }

    /**
     * Opens what the conf names.
     *
     * @param wanted absent for no access log
     * @throws IOException if the file can't be written; nothing has changed then
     */
    public PreparedStream prepare(Optional<AccessLog> wanted, String region) throws IOException {
        return new PreparedStream(wanted.isPresent() ? Optional.of(open(wanted.get())) : Optional.empty(), region);
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

    /** Not through {@link System#out}, which swallows what goes wrong; and never closed. */
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

    /** An exchange has ended. Never blocks. */
    public void append(Outcome outcome) {
        if (enabled) {
            queue.doAppend(new LoggingEvent(
                    AccessLogWriter.class.getName(), logger, Level.INFO, "", null, new Object[] {outcome}));
        }
    }

    /** Lines that were left out because what they are written to was too slow. */
    public long droppedLines() {
        return queue.dropped();
    }

    /** Writes what waits, for a second at the most. */
    @Override
    public void close() {
        enabled = false;
        queue.stop();
        stream.stop();
    }
}

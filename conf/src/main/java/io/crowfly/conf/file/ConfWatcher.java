package io.crowfly.conf.file;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices that the conf, or any file it names, was changed: written in place, replaced by a rename, deleted and made
 * again, or reached through a symbolic link that now points elsewhere (Kubernetes swaps {@code ..data}).
 *
 * <p>It looks at the files' metadata every now and then rather than asking the kernel to tell. The JDK's watch service
 * (inotify) watches directories, not files, and follows no links: a swapped link is an event in some other directory, a
 * directory that is removed ends its watch in silence, and network and overlay file systems report nothing of what
 * others did. A look at a dozen files costs some microseconds, and works the same everywhere.
 *
 * <p>A change is told only once the files have stayed as they are from one look to the next, so that a file is not read
 * while it is being written. It takes between one and two intervals.
 *
 * <p>What a look can't see is a file rewritten in place with the same length within one tick of its file system's clock.
 */
public final class ConfWatcher implements AutoCloseable {

    /** Quick enough to seem immediate to whoever saves a file. */
    public static final Duration DEFAULT_INTERVAL = Duration.ofMillis(250);

    private static final Logger LOG = LoggerFactory.getLogger(ConfWatcher.class);

    private final Runnable onChange;
    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "crowfly-conf-watcher");
        thread.setDaemon(true);
        return thread;
    });

    // Both are guarded by this.
    private Optional<WatchedFiles> baseline = Optional.empty();
    private Optional<WatchedFiles> unstable = Optional.empty();

    /**
     * Starts looking as soon as {@link #watch} says at what.
     *
     * @param interval between two looks
     * @param onChange is called on the watcher's own thread, once per change; it usually reads the conf again and calls
     *     {@link #watch}. What it throws is logged, and the watch goes on
     */
    public ConfWatcher(Duration interval, Runnable onChange) {
        this.onChange = onChange;
        scheduler.scheduleWithFixedDelay(this::poll, interval.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
    }

    /**
     * Watches these files from now on, and no others. Since they were looked at before they were read, a change made while
     * they were read, or between that and this call, is told as well.
     */
    public synchronized void watch(WatchedFiles files) {
        baseline = Optional.of(files);
        unstable = Optional.empty();
    }

    void poll() {
        try {
            if (hasStableChange()) {
                onChange.run();
            }
        } catch (RuntimeException e) {
            // Thrown on, it would end the schedule.
            LOG.error("What was to follow a change of the conf failed", e);
        }
    }

    private boolean hasStableChange() {
        Optional<WatchedFiles> before;
        synchronized (this) {
            before = baseline;
        }
        if (before.isEmpty()) {
            return false;
        }
        WatchedFiles now = before.get().current();
        synchronized (this) {
            if (baseline != before) {
                // Other files are watched since.
                return false;
            }
            if (now.equals(baseline.orElseThrow())) {
                unstable = Optional.empty();
                return false;
            }
            boolean stable = unstable.equals(Optional.of(now));
            baseline = stable ? Optional.of(now) : baseline;
            unstable = stable ? Optional.empty() : Optional.of(now);
            return stable;
        }
    }

    /** Stops looking. A call of {@code onChange} that is under way goes on, and is not waited for. */
    @Override
    public void close() {
        scheduler.shutdown();
    }
}

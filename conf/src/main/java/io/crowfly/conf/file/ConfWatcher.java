package io.crowfly.conf.file;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watcher that polls the conf file and the files it names, and calls a callback when one has changed. A change is: the
 * file was written in place, replaced by a rename, deleted and created again, or is reached through a symbolic link
 * that now points elsewhere (Kubernetes swaps {@code ..data}).
 *
 * <p>The watcher polls the metadata of the files instead of using kernel events. The JDK's watch service (inotify)
 * watches directories, not files, and follows no links. A swapped link is an event in another directory, and the
 * removal of a directory ends its watch silently. Network and overlay file systems do not report changes by other
 * machines. Polling a dozen files takes a few microseconds and works the same everywhere.
 *
 * <p>A change is reported once the files are unchanged between two polls, so that no file is read while it is being
 * written. The second poll follows after half an interval, so this takes half an interval to one and a half.
 *
 * <p>The watcher misses a file that is rewritten in place with the same length within one tick of the file system's
 * clock.
 */
public final class ConfWatcher implements AutoCloseable {

    /**
     * Interval between two polls. Short enough that a reload seems immediate to an operator who saves a file. Each poll
     * wakes a processor of an idle instance, so a shorter interval would cost power.
     */
    public static final Duration DEFAULT_INTERVAL = Duration.ofMillis(500);

    private static final Logger LOG = LoggerFactory.getLogger(ConfWatcher.class);

    private final Duration interval;
    private final Runnable onChange;

    /** Discards the next poll after {@link #close}. */
    private final ScheduledThreadPoolExecutor scheduler =
            new ScheduledThreadPoolExecutor(1, ConfWatcher::newThread, new ThreadPoolExecutor.DiscardPolicy());

    // `baseline`: the last reported state of the files. `unstable`: a newer state, reported if the next poll finds it
    // again. Both fields are guarded by `this`.
    private Optional<WatchedFiles> baseline = Optional.empty();
    private Optional<WatchedFiles> unstable = Optional.empty();

    /**
     * Starts the watcher thread. The polls do nothing before the first call of {@link #watch}.
     *
     * @param interval time between two polls
     * @param onChange called on the watcher's own thread, once per change; usually reads the conf again and calls
     *     {@link #watch}. An exception is logged, and the watch continues
     */
    public ConfWatcher(Duration interval, Runnable onChange) {
        this.interval = interval;
        this.onChange = onChange;
        scheduler.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        schedulePoll();
    }

    private static Thread newThread(Runnable task) {
        Thread thread = new Thread(task, "crowfly-conf-watcher");
        thread.setDaemon(true);
        return thread;
    }

    private synchronized void schedulePoll() {
        long delayNanos = unstable.isPresent() ? interval.toNanos() / 2 : interval.toNanos();
        scheduler.schedule(this::pollAndSchedule, delayNanos, TimeUnit.NANOSECONDS);
    }

    private void pollAndSchedule() {
        poll();
        schedulePoll();
    }

    /**
     * Watches these files from now on, and no others. A change that happened after {@code files} were read is reported
     * too, because the state of each file was recorded before the file was read.
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
            // An exception that leaves this method would end the polls.
            LOG.error("The action after a change of the conf failed", e);
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
                // watch() was called during this poll, so this result is about the previous files.
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

    /** Stops polling. Does not wait for a call of {@code onChange} that is running; that call continues. */
    @Override
    public void close() {
        scheduler.shutdown();
    }
}

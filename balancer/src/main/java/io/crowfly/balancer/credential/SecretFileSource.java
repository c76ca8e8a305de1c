package io.crowfly.balancer.credential;

import io.crowfly.balancer.credential.fetch.CredentialThread;
import io.crowfly.balancer.credential.fetch.FetchFailed;
import io.crowfly.balancer.credential.fetch.SecretText;
import io.crowfly.conf.file.FileFingerprint;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Credential source that reads a key from its own file, and reads it again when the file changes. Operators replace the
 * file in place, by a rename, or (Kubernetes) by a symbolic link that points elsewhere. The source polls the file's
 * metadata instead of using kernel events, for the reasons that {@link io.crowfly.conf.file.ConfWatcher} gives. A
 * changed file is read only once two checks in a row find the same metadata, so that a half-written key is never used.
 * After a refusal by a backend, a changed file is read at once.
 *
 * <p>While the file is missing, empty or unreadable, the last key stays in use.
 */
final class SecretFileSource implements ManagedCredentialSource {

    private static final Logger log = LoggerFactory.getLogger(SecretFileSource.class);

    /**
     * Interval between two checks of the file. One second is short enough, because clouds accept an old key for minutes
     * after the new one exists.
     */
    private static final Duration CHECK_INTERVAL = Duration.ofSeconds(1);

    private final CredentialThread thread;
    private final String kind;
    private final Path file;
    private final Function<String, AttachedCredential.Header> header;
    private final FailureStreak streak;

    private volatile AttachedCredential current;

    // These fields are accessed only on the credential thread.
    private Optional<FileFingerprint> readFingerprint = Optional.empty();
    private Optional<FileFingerprint> changedFingerprint = Optional.empty();
    private boolean stopped;

    /** Creates the source. The file is read at once, on the credential thread. */
    SecretFileSource(
            CredentialThread thread, String kind, Path file, Function<String, AttachedCredential.Header> header) {
        this.thread = thread;
        this.kind = kind;
        this.file = file;
        this.header = header;
        this.streak = new FailureStreak(log, kind + " in " + file);
        this.current = new AttachedCredential.Missing(file + " has not been read yet");
        thread.execute(() -> {
            readFile();
            scheduleCheck();
        });
    }

    @Override
    public AttachedCredential current() {
        return current;
    }

    @Override
    public void refresh(AttachedCredential refused, Executor executor, RefreshListener listener) {
        thread.execute(() -> {
            if (current.equals(refused)
                    && !Optional.of(FileFingerprint.of(file)).equals(readFingerprint)) {
                readFile();
            }
            ManagedCredentialSource.notifyListener(
                    executor, listener, current instanceof AttachedCredential.Header && !current.equals(refused));
        });
    }

    @Override
    public CredentialStatus status() {
        return streak.status(kind, Optional.empty());
    }

    @Override
    public void awaitFirst(long nanos) throws InterruptedException {
        streak.awaitFirst(nanos);
    }

    @Override
    public void stop() {
        thread.execute(() -> stopped = true);
    }

    private void scheduleCheck() {
        if (!stopped) {
            thread.schedule(CHECK_INTERVAL, () -> {
                scheduleCheck();
                check();
            });
        }
    }

    private void check() {
        Optional<FileFingerprint> fingerprint = Optional.of(FileFingerprint.of(file));
        if (fingerprint.equals(readFingerprint)) {
            changedFingerprint = Optional.empty();
        } else if (fingerprint.equals(changedFingerprint)) {
            readFile();
        } else {
            changedFingerprint = fingerprint;
        }
    }

    private void readFile() {
        // Computed before the file is read, so that the next check detects a change during the read.
        Optional<FileFingerprint> fingerprint = Optional.of(FileFingerprint.of(file));
        changedFingerprint = fingerprint;
        try {
            AttachedCredential.Header found = header.apply(SecretText.readHeaderValue(file));
            readFingerprint = fingerprint;
            current = found;
            streak.recordSuccess();
        } catch (FetchFailed e) {
            readFingerprint = Optional.empty();
            if (!(current instanceof AttachedCredential.Header)) {
                current = new AttachedCredential.Missing(e.reason());
            }
            streak.recordFailure(e.reason(), current);
        }
    }
}

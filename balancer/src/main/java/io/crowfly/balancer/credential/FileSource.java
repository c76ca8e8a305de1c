package io.crowfly.balancer.credential;

import io.crowfly.conf.Fingerprint;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A key in a file of its own, which somebody replaces now and then: in place, by a rename, or as Kubernetes does it by a link
 * that points elsewhere. Its metadata is looked at rather than watched, for the reasons that
 * {@link io.crowfly.conf.ConfWatcher} gives. A change is read once the file has stayed as it is from one look to the next, so
 * that no half-written key is shown; a backend's refusal has a change read at once.
 *
 * <p>While the file is gone, empty or unreadable, the key that was read last is shown.
 */
final class FileSource implements Source {

    private static final Logger log = LoggerFactory.getLogger(FileSource.class);

    /** Old keys are good for minutes after the new one is there. */
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

    private final Room room;
    private final String kind;
    private final Path file;
    private final Function<String, Shown.Header> header;
    private final Streak streak;

    private volatile Shown shown;

    // On the room's thread.
    private Optional<Fingerprint> read = Optional.empty();
    private Optional<Fingerprint> unsettled = Optional.empty();
    private boolean ended;

    /** Reads the file on the room's thread, at once. */
    FileSource(Room room, String kind, Path file, Function<String, Shown.Header> header) {
        this.room = room;
        this.kind = kind;
        this.file = file;
        this.header = header;
        this.streak = new Streak(log, kind + " in " + file);
        this.shown = new Shown.Missing(file + " is not read yet");
        room.execute(() -> {
            read();
            lookAgain();
        });
    }

    @Override
    public Shown now() {
        return shown;
    }

    @Override
    public void refused(Shown refused, Executor executor, Refreshed then) {
        room.execute(() -> {
            if (shown.equals(refused) && !Optional.of(Fingerprint.of(file)).equals(read)) {
                read();
            }
            Source.tell(executor, then, shown instanceof Shown.Header && !shown.equals(refused));
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
    public void end() {
        room.execute(() -> ended = true);
    }

    private void lookAgain() {
        if (!ended) {
            room.after(BETWEEN_LOOKS, () -> {
                lookAgain();
                look();
            });
        }
    }

    private void look() {
        Optional<Fingerprint> now = Optional.of(Fingerprint.of(file));
        if (now.equals(read)) {
            unsettled = Optional.empty();
        } else if (now.equals(unsettled)) {
            read();
        } else {
            unsettled = now;
        }
    }

    private void read() {
        // Taken first: a change made while the file is read shows at the next look.
        Optional<Fingerprint> before = Optional.of(Fingerprint.of(file));
        unsettled = before;
        try {
            Shown.Header found = header.apply(SecretText.readToken(file));
            read = before;
            shown = found;
            streak.succeeded();
        } catch (FetchFailed e) {
            read = Optional.empty();
            if (!(shown instanceof Shown.Header)) {
                shown = new Shown.Missing(e.reason());
            }
            streak.failed(e.reason(), shown);
        }
    }
}

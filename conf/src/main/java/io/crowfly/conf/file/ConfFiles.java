package io.crowfly.conf.file;

import io.crowfly.conf.value.Quantity;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The conf file and those it names: finds them beside it, reads them within bounds, remembers which they were. */
public final class ConfFiles {

    /** Why a file could not be read, in words that follow its name. */
    public static final class UnreadableFileException extends Exception {
        private static final long serialVersionUID = 1L;

        UnreadableFileException(String reason) {
            super(reason, null, false, false);
        }

        public String reason() {
            return String.valueOf(getMessage());
        }
    }

    private final Path directory;
    private final Map<Path, FileFingerprint> watched = new LinkedHashMap<>();
    private final Map<Path, FileFingerprint> unwatched = new LinkedHashMap<>();

    public ConfFiles(Path conf) {
        // Not normalized: behind a symbolic link, a/../b is not b.
        Path parent = conf.toAbsolutePath().getParent();
        this.directory = parent == null ? conf.toAbsolutePath() : parent;
    }

    /** @throws java.nio.file.InvalidPathException if this file system can't have such a name */
    public Path resolve(String name) {
        return directory.resolve(name);
    }

    /** @param limit bytes; a file that is longer is refused, so that a wrong path can't fill the memory */
    public byte[] read(Path file, int limit) throws UnreadableFileException {
        watched.putIfAbsent(file.toAbsolutePath(), FileFingerprint.of(file.toAbsolutePath()));
        return bytes(file, limit);
    }

    /** As {@link #watched}, for a file whose changes are somebody else's business than a reload's. */
    public byte[] readUnwatched(Path file, int limit) throws UnreadableFileException {
        unwatched.putIfAbsent(file.toAbsolutePath(), FileFingerprint.of(file.toAbsolutePath()));
        return bytes(file, limit);
    }

    /** A file that was looked at is to lead to a reload after all, because mending it would mend the conf. */
    public void watch(Path file) {
        Path absolute = file.toAbsolutePath();
        watched.putIfAbsent(absolute, unwatched.getOrDefault(absolute, FileFingerprint.of(absolute)));
    }

    private static byte[] bytes(Path file, int limit) throws UnreadableFileException {
        Path absolute = file.toAbsolutePath();
        if (Files.exists(absolute) && !Files.isRegularFile(absolute)) {
            // A pipe or a device would keep the reader waiting for ever.
            throw new UnreadableFileException("is not a regular file");
        }
        try (InputStream in = Files.newInputStream(absolute)) {
            byte[] bytes = in.readNBytes(limit + 1);
            if (bytes.length > limit) {
                throw new UnreadableFileException("is larger than " + Quantity.size(limit));
            }
            return bytes;
        } catch (NoSuchFileException e) {
            throw new UnreadableFileException("does not exist");
        } catch (AccessDeniedException e) {
            throw new UnreadableFileException("may not be read by this user");
        } catch (IOException e) {
            throw new UnreadableFileException("can't be read (" + e.getClass().getSimpleName() + ")");
        }
    }

    public WatchedFiles watchedFiles() {
        return new WatchedFiles(watched);
    }
}

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

/**
 * Access to the conf file and the files it names: resolves paths, limits sizes, and records the state of each file
 * read.
 */
public final class ConfFiles {

    /** Failure to read a file. */
    public static final class UnreadableFileException extends Exception {
        private static final long serialVersionUID = 1L;

        UnreadableFileException(String reason) {
            super(reason, null, false, false);
        }

        /** Returns the reason, in words that follow the file's name in a message. */
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

    /**
     * Resolves a name against the directory of the conf file.
     *
     * @throws java.nio.file.InvalidPathException if the name is not valid on this file system
     */
    public Path resolve(String name) {
        return directory.resolve(name);
    }

    /**
     * Reads a file and records its state, so that a later change leads to a reload.
     *
     * @param limit bytes; a longer file is refused, so that a wrong path can't fill the memory
     */
    public byte[] read(Path file, int limit) throws UnreadableFileException {
        watched.putIfAbsent(file.toAbsolutePath(), FileFingerprint.of(file.toAbsolutePath()));
        return bytes(file, limit);
    }

    /** As {@link #read}, for a file whose changes do not lead to a reload. */
    public byte[] readUnwatched(Path file, int limit) throws UnreadableFileException {
        unwatched.putIfAbsent(file.toAbsolutePath(), FileFingerprint.of(file.toAbsolutePath()));
        return bytes(file, limit);
    }

    /** Watches a file that was read unwatched, because its next change may mend the conf. */
    public void watch(Path file) {
        Path absolute = file.toAbsolutePath();
        watched.putIfAbsent(absolute, unwatched.getOrDefault(absolute, FileFingerprint.of(absolute)));
    }

    private static byte[] bytes(Path file, int limit) throws UnreadableFileException {
        Path absolute = file.toAbsolutePath();
        if (Files.exists(absolute) && !Files.isRegularFile(absolute)) {
            // Reading a pipe or a device may block for ever.
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

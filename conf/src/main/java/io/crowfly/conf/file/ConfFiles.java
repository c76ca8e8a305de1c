package io.crowfly.conf.file;

import io.crowfly.conf.value.Quantity;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reader of the conf file, its included files and the files that the conf names: resolves paths, limits sizes, and
 * records the state of each file, so that a later change is noticed.
 */
public final class ConfFiles {

    /** Failure to read a file: the file is missing, too large, not regular or not readable. */
    public static final class UnreadableFileException extends Exception {
        private static final long serialVersionUID = 1L;

        UnreadableFileException(String reason) {
            super(reason, null, false, false);
        }

        /**
         * Returns the reason as a verb phrase, for example "does not exist". A message puts the file's name before it.
         */
        public String reason() {
            return String.valueOf(getMessage());
        }
    }

    private final ConfTexts former;
    private final Map<Path, String> texts = new LinkedHashMap<>();
    private final Map<Path, FileFingerprint> watched = new LinkedHashMap<>();
    private final Map<Path, FileFingerprint> unwatched = new LinkedHashMap<>();

    /** @param former texts of conf files that are read instead of the files on the disk */
    public ConfFiles(ConfTexts former) {
        this.former = former;
    }

    /**
     * Returns the absolute path for a name in the conf.
     *
     * @param namedIn conf file, or included file, that contains the name; a relative name starts at its directory
     * @throws java.nio.file.InvalidPathException if the name is not valid on this file system
     */
    public Path resolve(String name, Path namedIn) {
        // The path is not normalized: if `a` is a symbolic link, `a/../b` is not `b`.
        return namedIn.toAbsolutePath().resolveSibling(name);
    }

    /** Reads the conf file or an included file like {@link #read}, and keeps its text. */
    public byte[] readConf(Path file, int limit) throws UnreadableFileException {
        Path absolute = file.toAbsolutePath();
        byte[] bytes = former.equals(ConfTexts.NONE) ? read(file, limit) : former(absolute);
        texts.put(absolute, new String(bytes, StandardCharsets.UTF_8));
        return bytes;
    }

    /** The file on the disk may be the broken one, so that it must not take the place of a missing text. */
    private byte[] former(Path file) throws UnreadableFileException {
        String text = former.texts().get(file);
        if (text == null) {
            throw new UnreadableFileException("is not in the last good conf");
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Reads a file and records its state, so that a later change leads to a reload.
     *
     * @param limit maximum size in bytes; a longer file is refused, so that a wrong path can't fill the memory
     */
    public byte[] read(Path file, int limit) throws UnreadableFileException {
        watched.putIfAbsent(file.toAbsolutePath(), FileFingerprint.of(file.toAbsolutePath()));
        return bytes(file, limit);
    }

    /**
     * Reads a file whose later changes do not lead to a reload.
     *
     * @param limit maximum size in bytes
     */
    public byte[] readUnwatched(Path file, int limit) throws UnreadableFileException {
        unwatched.putIfAbsent(file.toAbsolutePath(), FileFingerprint.of(file.toAbsolutePath()));
        return bytes(file, limit);
    }

    /**
     * Watches a file that {@link #readUnwatched} has read. For a file with a problem, because its next change may
     * correct the conf.
     */
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

    /** Returns the texts of the conf file and its included files. */
    public ConfTexts texts() {
        return new ConfTexts(texts);
    }

    public WatchedFiles watchedFiles() {
        return new WatchedFiles(watched);
    }
}

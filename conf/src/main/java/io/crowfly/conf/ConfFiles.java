package io.crowfly.conf;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The conf file and those it names: finds them beside it, reads them within bounds, remembers which they were. */
final class ConfFiles {

    /** Why a file could not be read, in words that follow its name. */
    static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1L;

        Unreadable(String why) {
            super(why, null, false, false);
        }

        String why() {
            return String.valueOf(getMessage());
        }
    }

    private final Path directory;
    private final Map<Path, Fingerprint> read = new LinkedHashMap<>();
    private final Map<Path, Fingerprint> looked = new LinkedHashMap<>();

    ConfFiles(Path conf) {
        // Not normalized: behind a symbolic link, a/../b is not b.
        Path parent = conf.toAbsolutePath().getParent();
        this.directory = parent == null ? conf.toAbsolutePath() : parent;
    }

    /** @throws java.nio.file.InvalidPathException if this file system can't have such a name */
    Path resolve(String name) {
        return directory.resolve(name);
    }

    /** @param limit bytes; a file that is longer is refused, so that a wrong path can't fill the memory */
    byte[] read(Path file, int limit) throws Unreadable {
        read.putIfAbsent(file.toAbsolutePath(), Fingerprint.of(file.toAbsolutePath()));
        return bytes(file, limit);
    }

    /** As {@link #read}, for a file whose changes are somebody else's business than a reload's. */
    byte[] look(Path file, int limit) throws Unreadable {
        looked.putIfAbsent(file.toAbsolutePath(), Fingerprint.of(file.toAbsolutePath()));
        return bytes(file, limit);
    }

    /** A file that was looked at is to lead to a reload after all, because mending it would mend the conf. */
    void watch(Path file) {
        Path absolute = file.toAbsolutePath();
        read.putIfAbsent(absolute, looked.getOrDefault(absolute, Fingerprint.of(absolute)));
    }

    private static byte[] bytes(Path file, int limit) throws Unreadable {
        Path absolute = file.toAbsolutePath();
        if (Files.exists(absolute) && !Files.isRegularFile(absolute)) {
            // A pipe or a device would keep the reader waiting for ever.
            throw new Unreadable("is not a regular file");
        }
        try (InputStream in = Files.newInputStream(absolute)) {
            byte[] bytes = in.readNBytes(limit + 1);
            if (bytes.length > limit) {
                throw new Unreadable("is larger than " + Quantity.size(limit));
            }
            return bytes;
        } catch (NoSuchFileException e) {
            throw new Unreadable("does not exist");
        } catch (AccessDeniedException e) {
            throw new Unreadable("may not be read by this user");
        } catch (IOException e) {
            throw new Unreadable("can't be read (" + e.getClass().getSimpleName() + ")");
        }
    }

    FilesRead filesRead() {
        return new FilesRead(read);
    }
}

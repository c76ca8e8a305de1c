package io.crowfly.conf.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Optional;

/**
 * Metadata of a file, compared between two polls to detect a change without reading the file. Symbolic links are
 * followed, so that a link that points elsewhere counts as a change.
 *
 * @param attributes absent if the file does not exist or its metadata can't be read
 */
public record FileFingerprint(Optional<Attributes> attributes) {

    /**
     * Metadata of an existing file.
     *
     * @param fileKey inode and device; differ after another file was renamed to this path
     * @param readable differs if only a permission of the file changed
     */
    public record Attributes(Optional<Object> fileKey, FileTime modified, long size, boolean readable) {}

    public static FileFingerprint of(Path file) {
        try {
            BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
            return new FileFingerprint(Optional.of(new Attributes(
                    Optional.ofNullable(found.fileKey()),
                    found.lastModifiedTime(),
                    found.size(),
                    Files.isReadable(file))));
        } catch (IOException e) {
            return new FileFingerprint(Optional.empty());
        }
    }
}

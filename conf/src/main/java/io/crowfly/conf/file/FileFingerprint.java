package io.crowfly.conf.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Optional;

/**
 * What tells one state of a file from the next without reading it. Symbolic links are followed, so that a link that
 * points elsewhere is a change.
 *
 * @param attributes absent when there is no such file, or none that may be looked at
 */
public record FileFingerprint(Optional<Attributes> attributes) {

    /**
     * @param fileKey the inode and its device: differs once another file was renamed into this one's place
     * @param readable mends a file that could not be read without changing anything else
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

package io.crowfly.conf;

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
 * @param content absent when there is no such file, or none that may be looked at
 */
public record Fingerprint(Optional<Content> content) {

    /**
     * @param fileKey the inode and its device: differs once another file was renamed into this one's place
     * @param readable mends a file that could not be read without changing anything else
     */
    public record Content(Optional<Object> fileKey, FileTime modified, long size, boolean readable) {}

    public static Fingerprint of(Path file) {
        try {
            BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
            return new Fingerprint(Optional.of(new Content(
                    Optional.ofNullable(found.fileKey()),
                    found.lastModifiedTime(),
                    found.size(),
                    Files.isReadable(file))));
        } catch (IOException e) {
            return new Fingerprint(Optional.empty());
        }
    }
}

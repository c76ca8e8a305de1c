package io.crowfly.bench.reload;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * One edit of the conf file.
 *
 * @param valid whether the balancer must accept the edit
 * @param text the content of the file afterwards; absent: the file is deleted
 */
record ConfEdit(String description, boolean valid, Optional<String> text) {

    /** Writes the file in place, like an editor without a backup. */
    void write(Path file) throws IOException {
        if (text.isPresent()) {
            Files.writeString(file, text.get());
        } else {
            Files.delete(file);
        }
    }

    /** Writes a new file and renames it over the old one, like most editors and all deployment tools. */
    void replace(Path file) throws IOException {
        if (text.isPresent()) {
            Path beside = Files.writeString(file.resolveSibling("conf.new"), text.get());
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
        } else {
            Files.delete(file);
        }
    }
}

package io.crowfly.bench.reload;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * Edit of the balancer's conf file in {@code bench reload}: the new content, and whether the balancer must accept it.
 *
 * @param description name of the edit, for the page
 * @param valid whether the balancer must accept the edit
 * @param text the content of the file after the edit; absent if the edit deletes the file
 */
record ConfEdit(String description, boolean valid, Optional<String> text) {

    /** Applies the edit by writing to the existing file, like an editor that makes no backup. */
    void write(Path file) throws IOException {
        if (text.isPresent()) {
            Files.writeString(file, text.get());
        } else {
            Files.delete(file);
        }
    }

    /**
     * Applies the edit by writing a new file and renaming it over the old one, like most editors and all deployment
     * tools.
     */
    void replace(Path file) throws IOException {
        if (text.isPresent()) {
            Path beside = Files.writeString(file.resolveSibling("conf.new"), text.get());
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
        } else {
            Files.delete(file);
        }
    }
}

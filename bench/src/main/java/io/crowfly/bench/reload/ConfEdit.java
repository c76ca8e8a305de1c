package io.crowfly.bench.reload;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * What somebody does to the conf file.
 *
 * @param valid whether it is to be taken
 * @param text what the file says afterwards; absent: it is gone
 */
record ConfEdit(String description, boolean valid, Optional<String> text) {

    /** In place, as an editor without a backup does. */
    void write(Path file) throws IOException {
        if (text.isPresent()) {
            Files.writeString(file, text.get());
        } else {
            Files.delete(file);
        }
    }

    /** Beside it first and renamed over it then, as most editors and all deployment tools do. */
    void replace(Path file) throws IOException {
        if (text.isPresent()) {
            Path beside = Files.writeString(file.resolveSibling("conf.new"), text.get());
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
        } else {
            Files.delete(file);
        }
    }
}

package io.crowfly.conf.read;

import io.crowfly.conf.AccessLog;
import io.crowfly.conf.read.field.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Reader of the conf key {@code access-log}: {@code stdout}, or a file. Reports a problem if the file can't be written.
 */
final class AccessLogReader {

    private AccessLogReader() {}

    static Optional<AccessLog> read(Field field) {
        Optional<String> text = field.text();
        if (text.isPresent() && text.get().equals("stdout")) {
            return Optional.of(new AccessLog(Optional.empty()));
        }
        Optional<Path> path = text.isPresent() ? field.path() : Optional.empty();
        if (path.isEmpty()) {
            return Optional.empty();
        }
        Path directory = path.get().toAbsolutePath().getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            field.problem("the directory of " + field.quoted() + " does not exist", "create it, or name another file");
        } else if (Files.exists(path.get())
                ? !Files.isWritable(path.get()) || Files.isDirectory(path.get())
                : !Files.isWritable(directory)) {
            field.problem(field.quoted() + " can't be written", "name a file that Crowfly may write, or stdout");
        }
        return Optional.of(new AccessLog(path));
    }
}

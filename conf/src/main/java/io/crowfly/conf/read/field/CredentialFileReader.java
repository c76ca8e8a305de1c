package io.crowfly.conf.read.field;

import io.crowfly.conf.file.ConfFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Check of a file that holds a credential. The balancer itself reads such a file again when it changes. Therefore a
 * change leads to a reload only if the file had a problem. Problem messages here quote no value, because the operator
 * may have written the secret instead of a file's name.
 */
public final class CredentialFileReader {

    /** Maximum size of the file. A key file of a service account has about 2 KiB, a token a few KiB. */
    private static final int MAX_BYTES = 64 << 10;

    private CredentialFileReader() {}

    /**
     * Returns the file's path if the file is valid.
     *
     * @param contents what the file should hold, for messages
     * @param check reports problems of the content and returns true if there are none
     */
    public static Optional<Path> read(Field field, String contents, Predicate<byte[]> check) {
        Optional<Path> file = field.path();
        Optional<Path> valid =
                file.filter(path -> content(field, path, contents).filter(check).isPresent());
        if (valid.isEmpty()) {
            file.ifPresent(field.reading().files()::watch);
        }
        return valid;
    }

    private static Optional<byte[]> content(Field field, Path file, String contents) {
        try {
            return Optional.of(field.reading().files().readUnwatched(file, MAX_BYTES));
        } catch (ConfFiles.UnreadableFileException e) {
            field.problem(
                    "the file that " + field.quotedName() + " names " + e.reason(),
                    "put " + contents + " there (relative paths start at this file's directory), or name another file");
            return Optional.empty();
        }
    }

    /** Returns the path of a token file. The file must not be empty; the token itself is not checked. */
    public static Optional<Path> token(Field field) {
        return read(field, "a token", bytes -> {
            boolean present = !new String(bytes, StandardCharsets.UTF_8).isBlank();
            if (!present) {
                field.problem("the file that " + field.quotedName() + " names is empty", "write the token into it");
            }
            return present;
        });
    }
}

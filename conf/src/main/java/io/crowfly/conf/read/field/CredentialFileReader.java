package io.crowfly.conf.read.field;

import io.crowfly.conf.file.ConfFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A file that credentials are made of, which the balancer reads anew by itself: it is looked at here, so that a wrong one is
 * told now, and watched only while something is wrong with it. No problem told here quotes anything: what should be a file's
 * name may be a secret in the wrong place.
 */
public final class CredentialFileReader {

    /** A key of a service account has 2 KiB, a token a few. */
    private static final int MAX_BYTES = 64 << 10;

    private CredentialFileReader() {}

    /**
     * @param contents it holds, for messages
     * @param check tells what is wrong with its contents, and whether nothing is
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
                    "put " + contents + " there (relative paths start at the conf file), or name another file");
            return Optional.empty();
        }
    }

    /** A token as such: it may be of any kind, but it must be there. */
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

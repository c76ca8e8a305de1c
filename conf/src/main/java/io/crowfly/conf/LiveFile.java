package io.crowfly.conf;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A file that credentials are made of, which the balancer reads anew by itself: it is looked at here, so that a wrong one is
 * told now, and watched only while something is wrong with it. No problem told here quotes anything: what should be a file's
 * name may be a secret in the wrong place.
 */
final class LiveFile {

    /** A key of a service account has 2 KiB, a token a few. */
    private static final int MAX_BYTES = 64 << 10;

    private LiveFile() {}

    /**
     * @param what it holds, for messages
     * @param check tells what is wrong with its contents, and whether nothing is
     */
    static Optional<Path> read(Field field, String what, Predicate<byte[]> check) {
        Optional<Path> file = field.path();
        Optional<Path> good =
                file.filter(path -> content(field, path, what).filter(check).isPresent());
        if (good.isEmpty()) {
            file.ifPresent(field.reading().files()::watch);
        }
        return good;
    }

    private static Optional<byte[]> content(Field field, Path file, String what) {
        try {
            return Optional.of(field.reading().files().look(file, MAX_BYTES));
        } catch (ConfFiles.Unreadable e) {
            field.problem(
                    "the file that " + field.quotedName() + " names " + e.why(),
                    "put " + what + " there (relative paths start at the conf file), or name another file");
            return Optional.empty();
        }
    }

    /** A token as such: it may be of any kind, but it must be there. */
    static Optional<Path> token(Field field) {
        return read(field, "a token", bytes -> {
            boolean there = !new String(bytes, StandardCharsets.UTF_8).isBlank();
            if (!there) {
                field.problem("the file that " + field.quotedName() + " names is empty", "write the token into it");
            }
            return there;
        });
    }
}

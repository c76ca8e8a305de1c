package io.crowfly.conf;

import java.nio.file.Path;

/**
 * A secret that is all of a file, {@code ${file:…}} and nothing else, but for one line break at its end. It is read anew when
 * the file changes, so that a key can be rotated without a reload.
 */
public record SecretFile(Path file) implements SecretSource {}

package io.crowfly.conf.value;

import java.nio.file.Path;

/**
 * A secret that is the whole content of a file, without one line break at its end ({@code ${file:…}} and nothing else).
 * The file is read again when it changes, so that a key can be rotated without a reload.
 */
public record SecretFile(Path file) implements SecretSource {}

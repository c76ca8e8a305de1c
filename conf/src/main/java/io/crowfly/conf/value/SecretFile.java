package io.crowfly.conf.value;

import java.nio.file.Path;

/**
 * File whose whole content is a secret ({@code ${file:…}} without other text), except one line break at the end. The
 * balancer reads the file again when it changes, so that a key can be rotated without a reload.
 */
public record SecretFile(Path file) implements SecretSource {}

package io.crowfly.balancer;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Version and commit of this build, read from {@code version.txt}, which Maven writes. */
final class Version {

    /**
     * Version text, for example {@code 0.1.0 (commit 95dd308)}. A commit that ends in {@code -dirty} had uncommitted
     * changes.
     */
    static final String CURRENT = read();

    private Version() {}

    private static String read() {
        try (InputStream in = Version.class.getResourceAsStream("version.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).trim();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package io.crowfly.conf;

import java.nio.file.Path;

/**
 * One mistake in a conf file.
 *
 * @param line from 1
 * @param column from 1
 * @param what is wrong
 * @param mend how to mend it
 */
public record Problem(Path file, int line, int column, String what, String mend) {

    @Override
    public String toString() {
        return file + ":" + line + ":" + column + ": " + what + "; " + mend;
    }
}

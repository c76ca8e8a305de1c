package io.crowfly.conf;

import java.nio.file.Path;

/**
 * Report of one mistake in a conf file, with the place and a way to correct the mistake.
 *
 * @param line counted from 1
 * @param column counted from 1
 * @param what what is wrong
 * @param mend how to correct the mistake
 */
public record Problem(Path file, int line, int column, String what, String mend) {

    @Override
    public String toString() {
        return file + ":" + line + ":" + column + ": " + what + "; " + mend;
    }
}

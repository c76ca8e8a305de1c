package io.crowfly.conf;

import java.nio.file.Path;

/**
 * Report of one mistake in a conf file, with the place and a way to correct the mistake. As a warning: report of a part
 * of a valid conf file that may cause a failure later.
 *
 * @param line counted from 1
 * @param column counted from 1
 * @param what what is wrong
 * @param mend how to correct the mistake
 */
public record Problem(Path file, int line, int column, String what, String mend) {

    @Override
    public String toString() {
        return place() + what + "; " + mend;
    }

    /** Returns the text of this problem as a warning, in the format of compilers. */
    public String toWarning() {
        return place() + "warning: " + what + "; " + mend;
    }

    private String place() {
        return file + ":" + line + ":" + column + ": ";
    }
}

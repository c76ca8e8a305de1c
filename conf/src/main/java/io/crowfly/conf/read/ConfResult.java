package io.crowfly.conf.read;

import io.crowfly.conf.Conf;
import io.crowfly.conf.Problem;
import io.crowfly.conf.file.WatchedFiles;
import java.util.List;

/** Result of reading a conf file: either the valid conf, or the problems of the file. */
public sealed interface ConfResult {

    /**
     * Returns the files whose changes lead to a reload: the conf file, its included files, certificates, and files that the conf names in
     * {@code ${file:…}}.
     */
    WatchedFiles files();

    /** @param warnings in the order of the file; the conf can take effect in spite of them */
    record Valid(Conf conf, List<Problem> warnings, WatchedFiles files) implements ConfResult {
        public Valid {
            warnings = List.copyOf(warnings);
        }
    }

    /**
     * Result for a conf file with problems, which must not be put in force.
     *
     * @param problems at least one, in the order of the file
     */
    record Invalid(List<Problem> problems, WatchedFiles files) implements ConfResult {
        public Invalid {
            problems = List.copyOf(problems);
        }
    }
}

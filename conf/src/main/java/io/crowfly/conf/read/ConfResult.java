package io.crowfly.conf.read;

import io.crowfly.conf.BindAddress;
import io.crowfly.conf.Conf;
import io.crowfly.conf.Problem;
import io.crowfly.conf.file.ConfTexts;
import io.crowfly.conf.file.WatchedFiles;
import io.crowfly.conf.read.field.Place;
import java.util.List;
import java.util.Map;

/** Result of reading a conf file: either the valid conf, or the problems of the file. */
public sealed interface ConfResult {

    /**
     * Returns the files whose changes lead to a reload: the conf file, its included files, certificates, and files that
     * the conf names in
     * {@code ${file:…}}.
     */
    WatchedFiles files();

    /**
     * Result for a valid conf file.
     *
     * @param warnings in the order of the file; the conf can take effect in spite of them
     * @param binds place of each address to bind that the file contains. A default address has none
     * @param texts of the conf file and its included files
     */
    record Valid(Conf conf, List<Problem> warnings, WatchedFiles files, Map<BindAddress, Place> binds, ConfTexts texts)
            implements ConfResult {
        public Valid {
            warnings = List.copyOf(warnings);
            binds = Map.copyOf(binds);
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

package io.crowfly.conf;

import java.util.List;

/** What became of reading a conf file. */
public sealed interface ConfResult {

    /** Every file that was looked at: the conf itself, certificates, secrets. Whoever watches the conf watches them. */
    FilesRead files();

    record Valid(Conf conf, FilesRead files) implements ConfResult {}

    /** @param problems at least one, in the order of the file */
    record Invalid(List<Problem> problems, FilesRead files) implements ConfResult {
        public Invalid {
            problems = List.copyOf(problems);
        }
    }
}

package io.crowfly.conf.read;

import io.crowfly.conf.Conf;
import io.crowfly.conf.Problem;
import io.crowfly.conf.file.WatchedFiles;
import java.util.List;

/** What became of reading a conf file. */
public sealed interface ConfResult {

    /** Every file that was looked at: the conf itself, certificates, secrets. Whoever watches the conf watches them. */
    WatchedFiles files();

    record Valid(Conf conf, WatchedFiles files) implements ConfResult {}

    /** @param problems at least one, in the order of the file */
    record Invalid(List<Problem> problems, WatchedFiles files) implements ConfResult {
        public Invalid {
            problems = List.copyOf(problems);
        }
    }
}

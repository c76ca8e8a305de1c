package io.crowfly.conf;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** What became of reading a conf file. */
public sealed interface ConfResult {

    /** @param files every file that was read: the conf itself, certificates, secrets; whoever watches the conf watches them */
    record Valid(Conf conf, Set<Path> files) implements ConfResult {
        public Valid {
            files = Set.copyOf(files);
        }
    }

    /** @param problems at least one, in the order of the file */
    record Invalid(List<Problem> problems, Set<Path> files) implements ConfResult {
        public Invalid {
            problems = List.copyOf(problems);
            files = Set.copyOf(files);
        }
    }
}

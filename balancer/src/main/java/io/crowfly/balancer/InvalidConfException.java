package io.crowfly.balancer;

import io.crowfly.conf.Problem;
import java.util.List;
import java.util.stream.Collectors;

/** Failure to start because the conf file can't be put in force. The message contains each problem on its own line. */
public final class InvalidConfException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    InvalidConfException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    public List<Problem> problems() {
        return problems;
    }
}

package io.crowfly.balancer.admin;

import io.crowfly.conf.Problem;
import java.time.Instant;
import java.util.List;

/**
 * How the last reading of the conf file went, at start-up or later.
 *
 * @param problems why it is not in force; empty if it is
 */
public record LastReload(Instant time, List<Problem> problems) {

    public LastReload {
        problems = List.copyOf(problems);
    }

    public boolean successful() {
        return problems.isEmpty();
    }
}

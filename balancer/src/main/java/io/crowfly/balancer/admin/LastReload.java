package io.crowfly.balancer.admin;

import io.crowfly.conf.Problem;
import java.time.Instant;
import java.util.List;

/**
 * Time and result of the last reading of the conf file, at start-up or at a reload.
 *
 * @param problems the reasons why the conf was not put in force; empty if it was
 * @param warnings about a conf that was put in force
 */
public record LastReload(Instant time, List<Problem> problems, List<Problem> warnings) {

    public LastReload {
        problems = List.copyOf(problems);
        warnings = List.copyOf(warnings);
    }

    public boolean successful() {
        return problems.isEmpty();
    }
}

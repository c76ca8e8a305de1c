package io.crowfly.balancer.admin;

import io.crowfly.conf.Problem;
import java.time.Instant;
import java.util.List;

/**
 * Time and result of the last reading of the conf file, at start-up or at a reload.
 *
 * @param problems the reasons why the conf was not put in force; empty if it was
 */
public record LastReload(Instant time, List<Problem> problems) {

    public LastReload {
        problems = List.copyOf(problems);
    }

    public boolean successful() {
        return problems.isEmpty();
    }
}

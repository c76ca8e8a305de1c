package io.crowfly.balancer.admin;

import io.crowfly.conf.Problem;
import java.time.Instant;
import java.util.List;

/**
 * Result of the last reading of the conf file, at start-up or later.
 *
 * @param problems the reasons why the file did not take effect; empty if it took effect
 */
public record LastReload(Instant time, List<Problem> problems) {

    public LastReload {
        problems = List.copyOf(problems);
    }

    public boolean successful() {
        return problems.isEmpty();
    }
}

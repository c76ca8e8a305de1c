package io.crowfly.balancer.admin;

import io.crowfly.balancer.exchange.Snapshot;
import io.crowfly.conf.Problem;
import io.crowfly.probes.Ranking;
import java.util.List;
import java.util.Optional;

/** What the admin pages ask of the process that they are part of. Any thread. */
public interface Operations {

    /** What is in force now. */
    Snapshot snapshot();

    Ranking ranking();

    /** Why no traffic should be sent here, in a few words; empty when all is well. */
    Optional<String> unready();

    LastReload lastReload();

    /**
     * Reads the conf file again and puts it in force, or changes nothing. Blocks.
     *
     * @return what is wrong with it; empty if it is in force
     */
    List<Problem> reload();

    /** Has the process finish what is under way and end. Returns at once. */
    void drain();
}

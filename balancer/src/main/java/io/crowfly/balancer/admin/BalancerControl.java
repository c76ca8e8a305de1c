package io.crowfly.balancer.admin;

import io.crowfly.balancer.attempt.Snapshot;
import io.crowfly.conf.Problem;
import io.crowfly.probes.Ranking;
import java.util.List;
import java.util.Optional;

/**
 * Access of the admin pages to the state and the operations of the running balancer: snapshot, reload, drain. Methods
 * may be called on any thread.
 */
public interface BalancerControl {

    /** Returns the conf, upstreams and routing table in force. */
    Snapshot snapshot();

    Ranking ranking();

    /** Returns why the process must be restarted, in a few words; empty while it is healthy. */
    Optional<String> failure();

    /** Returns why no traffic should be sent to this instance, in a few words; empty if the instance is ready. */
    Optional<String> notReadyReason();

    LastReload lastReload();

    /**
     * Reloads the conf file. If the file has problems, nothing changes. Blocks.
     *
     * @return the problems; empty if the conf is in force
     */
    List<Problem> reload();

    /** Starts a drain, after which the process exits. Returns before the drain is complete. */
    void drain();
}

package io.crowfly.balancer.admin;

import io.crowfly.balancer.attempt.Snapshot;
import io.crowfly.conf.Problem;
import io.crowfly.probes.Ranking;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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

    /** Returns the document that a new process takes over, as a tree of maps, lists, texts and numbers. Blocks. */
    Map<String, Object> learned();

    /**
     * Releases the admin address and starts a drain, because a new process has taken over. Blocks until the address is
     * free.
     *
     * @param instance the id in {@link #learned}
     * @return for how long connections are still accepted; empty if this process has another id, and then nothing is
     *     done
     */
    Optional<Duration> handOver(String instance);
}

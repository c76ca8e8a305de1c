package io.crowfly.conf;

import java.util.List;
import java.util.Optional;

/**
 * The content of one valid conf file, root of all settings. Every default is filled in, every secret or its file was
 * read, every name is unique.
 *
 * @param region label of every metric and log line
 * @param backends at least one, in the file's order; each has its own probe, in which absent keys come from the
 *     top-level {@code probes}
 * @param accessLog absent: no access log
 * @param traceDecisions whether responses carry {@code x-crowfly-backend} and {@code x-crowfly-decision}
 */
public record Conf(
        String region,
        List<Listener> listeners,
        Admin admin,
        List<Backend> backends,
        Routing routing,
        Timeouts timeouts,
        Limits limits,
        State state,
        Optional<AccessLog> accessLog,
        boolean traceDecisions) {

    public Conf {
        listeners = List.copyOf(listeners);
        backends = List.copyOf(backends);
    }
}

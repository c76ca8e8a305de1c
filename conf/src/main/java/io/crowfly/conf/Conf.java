package io.crowfly.conf;

import java.util.List;
import java.util.Optional;

/**
 * One conf file, read and checked: every default is filled in, every secret is read or its file was looked at, every name is unique.
 *
 * @param region labels every metric and log line
 * @param backends at least one, in the file's order, each with its probe resolved against the file's {@code probes}
 * @param accessLog absent when off
 * @param traceDecisions whether answers carry {@code x-crowfly-backend} and {@code x-crowfly-decision}
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

package io.crowfly.balancer;

import io.crowfly.balancer.transport.UnixDatagramSender;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notifier that reports the state of the process to systemd, for a unit with {@code Type=notify}. The messages are
 * those of sd_notify(3). Without {@code NOTIFY_SOCKET} in the environment, nothing is sent. A failed send is logged and
 * has no other effect: systemd then acts on its own timeouts. Safe for use by several threads.
 */
final class SystemdNotifier implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SystemdNotifier.class);

    private final Optional<UnixDatagramSender> sender;
    private final boolean sendsHeartbeats;

    private SystemdNotifier(Optional<UnixDatagramSender> sender, boolean sendsHeartbeats) {
        this.sender = sender;
        this.sendsHeartbeats = sendsHeartbeats;
    }

    /** Returns the notifier for the variables that systemd sets: {@code NOTIFY_SOCKET} and {@code WATCHDOG_USEC}. */
    static SystemdNotifier of(Map<String, String> environment) {
        String path = environment.getOrDefault("NOTIFY_SOCKET", "");
        if (path.isEmpty()) {
            return new SystemdNotifier(Optional.empty(), false);
        } else if (!path.startsWith("/")) {
            LOG.error(
                    "NOTIFY_SOCKET is '{}', which is not a path; systemd gets no notifications, so use Type=exec",
                    path);
            return new SystemdNotifier(Optional.empty(), false);
        }
        try {
            return new SystemdNotifier(
                    Optional.of(UnixDatagramSender.to(path)), environment.containsKey("WATCHDOG_USEC"));
        } catch (IOException e) {
            LOG.error("systemd gets no notifications, so use Type=exec without WatchdogSec: {}", e.getMessage());
            return new SystemdNotifier(Optional.empty(), false);
        }
    }

    /** Reports that the listeners are bound, or that a reload is complete. */
    void ready() {
        send("READY=1");
    }

    /** Reports the start of a reload. systemd compares the time with that of its own request. */
    void reloading() {
        send("RELOADING=1\nMONOTONIC_USEC=" + TimeUnit.NANOSECONDS.toMicros(System.nanoTime()));
    }

    /** Reports the start of a drain. */
    void stopping() {
        send("STOPPING=1");
    }

    /** Reports that all event loops run, if the unit has {@code WatchdogSec}. */
    void heartbeat() {
        if (sendsHeartbeats) {
            send("WATCHDOG=1");
        }
    }

    private void send(String message) {
        sender.ifPresent(open -> {
            try {
                open.send(message);
            } catch (IOException e) {
                LOG.warn("systemd was not notified of {}: {}", message, e.getMessage());
            }
        });
    }

    @Override
    public void close() {
        sender.ifPresent(open -> {
            try {
                open.close();
            } catch (IOException e) {
                LOG.debug("the socket to systemd was not closed", e);
            }
        });
    }
}

package io.crowfly.balancer.credential;

import com.github.benmanes.caffeine.cache.Ticker;
import io.crowfly.conf.Backend;
import io.crowfly.conf.Credential;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.stream.Collectors;

/** Every credential that the conf in force names, and the thread that keeps them good. Safe for use by several threads. */
public final class Credentials implements AutoCloseable {

    private final Room room;
    private final Sources sources;
    private final Map<Credential, Source> kept = new ConcurrentHashMap<>();

    public Credentials() {
        this(new Room(thread(), Ticker.systemTicker(), Clock.systemUTC(), () -> ThreadLocalRandom.current()
                .nextDouble()));
    }

    Credentials(Room room) {
        this.room = room;
        this.sources = new Sources(room);
    }

    private static ScheduledThreadPoolExecutor thread() {
        ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(
                1,
                task -> {
                    Thread made = new Thread(task, "crowfly-credentials");
                    made.setDaemon(true);
                    return made;
                },
                // What still comes in after the end concerns nobody.
                new ThreadPoolExecutor.DiscardPolicy());
        thread.setRemoveOnCancelPolicy(true);
        return thread;
    }

    /** What keeps that credential: the same for equal ones, until {@link #retain} drops it. Getting it begins at once. */
    public CredentialSource source(Credential credential) {
        return begun(credential);
    }

    private Source begun(Credential credential) {
        return kept.computeIfAbsent(credential, sources::of);
    }

    /** What these backends are shown, and the secrets among their other headers. */
    public static Set<Credential> usedBy(List<Backend> backends) {
        Set<Credential> used = new HashSet<>();
        for (Backend backend : backends) {
            used.add(backend.credential());
            backend.headers().set().values().forEach(secret -> used.add(new Credential.ApiKey(secret)));
        }
        return used;
    }

    /**
     * Waits until each of these has something to show or has failed to get it once, so that a conf doesn't come into force
     * with backends that nobody could be let in by. Blocks; not for an event loop.
     */
    public void awaitFirst(Set<Credential> used, Duration longest) {
        long deadline = System.nanoTime() + longest.toNanos();
        // All of them before the first is waited for.
        List<Source> begun = used.stream().map(this::begun).toList();
        try {
            for (Source source : begun) {
                source.awaitFirst(deadline - System.nanoTime());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Drops every other one. Who still holds a dropped source sees what it showed last.
     *
     * @param used by the conf now in force
     */
    public void retain(Set<Credential> used) {
        kept.forEach((credential, source) -> {
            if (!used.contains(credential) && kept.remove(credential, source)) {
                source.end();
            }
        });
    }

    public Map<Credential, CredentialStatus> statuses() {
        return kept.entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(
                        Map.Entry::getKey, entry -> entry.getValue().status()));
    }

    /** Comes after the exchanges have ended: who still waits for another credential is told nothing. */
    @Override
    public void close() {
        room.thread().shutdownNow();
    }
}

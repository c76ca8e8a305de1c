package io.crowfly.balancer.credential;

import com.github.benmanes.caffeine.cache.Ticker;
import io.crowfly.balancer.credential.fetch.CredentialThread;
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

/**
 * Table of the sources of all credentials in the current conf, and owner of the thread that renews them. Thread-safe.
 */
public final class Credentials implements AutoCloseable {

    private final CredentialThread thread;
    private final SourceFactory factory;
    private final Map<Credential, ManagedCredentialSource> sourcesByCredential = new ConcurrentHashMap<>();

    public Credentials() {
        this(new CredentialThread(
                newExecutor(), Ticker.systemTicker(), Clock.systemUTC(), () -> ThreadLocalRandom.current()
                        .nextDouble()));
    }

    Credentials(CredentialThread thread) {
        this.thread = thread;
        this.factory = new SourceFactory(thread);
    }

    private static ScheduledThreadPoolExecutor newExecutor() {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(
                1,
                task -> {
                    Thread worker = new Thread(task, "crowfly-credentials");
                    worker.setDaemon(true);
                    return worker;
                },
                // Tasks that are submitted after shutdown are dropped, because no request uses their result.
                new ThreadPoolExecutor.DiscardPolicy());
        executor.setRemoveOnCancelPolicy(true);
        return executor;
    }

    /**
     * Returns the source of a credential. A new source starts fetching at once. Equal credentials share one source
     * until {@link #retain} removes it.
     */
    public CredentialSource source(Credential credential) {
        return getOrStart(credential);
    }

    private ManagedCredentialSource getOrStart(Credential credential) {
        return sourcesByCredential.computeIfAbsent(credential, factory::create);
    }

    /** Returns the credentials of these backends, and the secrets in the other headers that the conf sets for them. */
    public static Set<Credential> usedBy(List<Backend> backends) {
        Set<Credential> used = new HashSet<>();
        for (Backend backend : backends) {
            used.add(backend.credential());
            backend.headers().set().values().forEach(secret -> used.add(new Credential.ApiKey(secret)));
        }
        return used;
    }

    /**
     * Waits until each of these credentials is available or has failed once, so that a new conf is not put in force
     * while its backends lack credentials. Blocks; must not be called on an event loop.
     */
    public void awaitFirst(Set<Credential> used, Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        // All sources start before the wait for the first one, so that they fetch in parallel.
        List<ManagedCredentialSource> started =
                used.stream().map(this::getOrStart).toList();
        try {
            for (ManagedCredentialSource source : started) {
                source.awaitFirst(deadline - System.nanoTime());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Removes and stops the sources of all other credentials. A stopped source still returns its last credential.
     *
     * @param used credentials of the conf in force
     */
    public void retain(Set<Credential> used) {
        sourcesByCredential.forEach((credential, source) -> {
            if (!used.contains(credential) && sourcesByCredential.remove(credential, source)) {
                source.stop();
            }
        });
    }

    /** Returns the status of every credential. */
    public Map<Credential, CredentialStatus> statuses() {
        return sourcesByCredential.entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(
                        Map.Entry::getKey, entry -> entry.getValue().status()));
    }

    /**
     * Stops the renewal thread. Must be called after all exchanges have ended, because pending refresh listeners are
     * not called.
     */
    @Override
    public void close() {
        thread.executor().shutdownNow();
    }
}

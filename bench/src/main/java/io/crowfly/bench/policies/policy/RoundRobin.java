package io.crowfly.bench.policies.policy;

/** Each in its turn. The oldest there is, and what most proxies do unless told otherwise (nginx, HAProxy, Envoy). */
final class RoundRobin implements Policy {

    private final int backends;
    private int next;

    RoundRobin(EdgeEnvironment environment) {
        backends = environment.count();
        next = environment.edge() % backends; // or 40 edges would begin as one
    }

    @Override
    public int choose(Request request, TriedBackends tried, long nowNanos) {
        int chosen;
        do {
            chosen = next;
            next = (next + 1) % backends;
        } while (tried.has(chosen));
        return chosen;
    }
}

package io.crowfly.bench.policies.policy;

/** Policy that selects the backends in turn: the default of most proxies (nginx, HAProxy, Envoy). */
final class RoundRobin implements SelectionPolicy {

    private final int backends;
    private int next;

    RoundRobin(EdgeEnvironment environment) {
        backends = environment.count();
        next = environment.edge() % backends; // so that 40 edges do not start at the same backend
    }

    @Override
    public int choose(SimulatedRequest request, TriedBackends tried, long nowNanos) {
        int chosen;
        do {
            chosen = next;
            next = (next + 1) % backends;
        } while (tried.has(chosen));
        return chosen;
    }
}

package io.crowfly.bench.policies.policy;

import io.crowfly.bench.policies.policy.LoadReports.LoadReport;
import io.crowfly.bench.policies.scenario.Scenario;
import io.crowfly.conf.Backend;
import io.crowfly.conf.BackendHeaders;
import io.crowfly.conf.Credential;
import io.crowfly.conf.Models;
import io.crowfly.conf.Probe;
import io.crowfly.conf.Provider;
import io.crowfly.conf.Routing;
import io.crowfly.probes.ProbeResult;
import io.crowfly.probes.Scheduler;
import io.crowfly.probes.forecast.ProbeTimes;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** An environment with values that a test sets, and one request at a time. */
final class FakeEnvironment implements Scheduler {

    static final long SECOND = 1_000_000_000L;
    static final long MILLISECOND = 1_000_000L;

    private record Due(long atNanos, long order, Runnable task) {}

    private final PriorityQueue<Due> due =
            new PriorityQueue<>(Comparator.comparingLong(Due::atNanos).thenComparingLong(Due::order));
    private long now;
    private long scheduled;
    private long requests;

    /** The latency that a probe of each backend measures; negative: the probe fails. */
    final long[] probeNanos;

    final double[] expectedNanos;
    final LoadReport[] reports;
    final EdgeEnvironment environment;
    SelectionPolicy policy = new SelectionPolicy() {
        @Override
        public int choose(SimulatedRequest request, TriedBackends tried, long nowNanos) {
            return NONE;
        }
    };

    FakeEnvironment(int backends) {
        probeNanos = new long[backends];
        expectedNanos = new double[backends];
        reports = new LoadReport[backends];
        java.util.Arrays.fill(reports, new LoadReport(0, 1e6));
        environment = new EdgeEnvironment(
                0,
                IntStream.range(0, backends).mapToObj(FakeEnvironment::backend).toList(),
                new Scenario.Goal(Routing.DEFAULT.objective(), Routing.DEFAULT.tierTolerance()),
                List.of("m"),
                (backend, whenDone) -> whenDone.accept(result(Integer.parseInt(backend.name()))),
                this,
                new SplittableRandom(1),
                (backend, whenHeard) -> whenHeard.accept(reports[backend]),
                (request, backend, tried) -> expectedNanos[backend]);
    }

    private static Backend backend(int index) {
        return new Backend(
                index + "",
                new Provider.OpenAi(),
                URI.create("https://" + index + ".example"),
                "",
                1,
                Map.of(),
                new Credential.None(),
                Models.ALL,
                new Probe(Duration.ofSeconds(1), Duration.ofSeconds(1), 2, 3, new Probe.Kind.Tcp()),
                Optional.empty(),
                BackendHeaders.NONE);
    }

    private ProbeResult result(int backend) {
        return probeNanos[backend] < 0
                ? new ProbeResult.Failure("down")
                : new ProbeResult.Success(new ProbeTimes(ProbeTimes.ABSENT, ProbeTimes.ABSENT, probeNanos[backend]));
    }

    @Override
    public long nanoTime() {
        return now;
    }

    @Override
    public long epochMillis() {
        return now / MILLISECOND;
    }

    @Override
    public void schedule(long delayNanos, Runnable task) {
        due.add(new Due(now + Math.max(0, delayNanos), scheduled++, task));
    }

    void advance(long nanos) {
        long until = now + nanos;
        while (!due.isEmpty() && due.peek().atNanos() <= until) {
            Due next = due.remove();
            now = next.atNanos();
            next.task().run();
        }
        now = until;
    }

    SimulatedRequest request() {
        return new SimulatedRequest(requests++, "m", 0, true, 400);
    }

    static TriedBackends tried(int... backends) {
        TriedBackends tried = new TriedBackends();
        for (int backend : backends) {
            tried.add(backend);
        }
        return tried;
    }

    int choose(int... failedAt) {
        return policy.choose(request(), tried(failedAt), now);
    }

    /** Returns how often each backend is chosen for a first attempt; no request is sent. */
    int[] countChoices(int times) {
        int[] counts = new int[environment.count()];
        for (int i = 0; i < times; i++) {
            counts[choose()]++;
        }
        return counts;
    }

    /** Sends a request that stays in flight. */
    SimulatedAttempt send(int backend) {
        SimulatedAttempt attempt = new SimulatedAttempt(request(), backend, 1, now);
        policy.sent(attempt);
        return attempt;
    }

    /** Sends a request whose response begins after this time and ends at once. */
    void respond(int backend, long nanos) {
        SimulatedAttempt attempt = send(backend);
        advance(nanos);
        policy.firstToken(attempt, SelectionPolicy.NOT_REPORTED, now);
        policy.completed(attempt, 1, now);
    }

    void fail(int backend, SimulatedFailure failure, long nanos) {
        SimulatedAttempt attempt = send(backend);
        advance(nanos);
        policy.failed(attempt, failure, now);
    }

    List<Integer> chooseTimes(int times) {
        List<Integer> chosen = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            chosen.add(choose());
        }
        return chosen;
    }
}

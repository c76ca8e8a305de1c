package io.crowfly.bench.decision;

import io.crowfly.balancer.routing.Candidates;
import io.crowfly.balancer.routing.Chooser;
import io.crowfly.balancer.routing.RequestFacts;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * JMH benchmark of {@code bench decision}: the cost of selecting a backend for one request, which the request's event
 * loop pays.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@State(Scope.Thread)
public class DecisionBenchmark {

    /** Number of different requests; a power of two, because an index is masked with this number minus one. */
    private static final int REQUESTS = 1024;

    @Param({"6", "500"})
    public int backends;

    @Param({"0", "3"})
    public int rules;

    private WarmEdge edge;
    private Chooser chooser;
    private RequestFacts[] requests;
    private int turn;
    private RequestFacts[] unseen;
    private Candidates[] candidates;
    private final int[] tried = {0, 1};

    @Setup
    public void setUp() {
        edge = new WarmEdge(backends, rules);
        chooser = new Chooser(edge.random);
        requests = edge.requests(REQUESTS);
        unseen = edge.unseenRequests(REQUESTS);
        candidates = Arrays.stream(requests)
                .map(facts -> edge.table().candidates(facts, edge.random))
                .toArray(Candidates[]::new);
    }

    /** Looks up the candidates of a request and selects the backend of its first attempt. */
    @Benchmark
    public int first() {
        return first(requests);
    }

    /**
     * Does the same as {@link #first} for models without observations, whose candidates need further look-ups in the
     * table.
     */
    @Benchmark
    public int firstOfUnseen() {
        return first(unseen);
    }

    private int first(RequestFacts[] facts) {
        return chooser.chooseFirst(edge.table().candidates(facts[turn++ & REQUESTS - 1], edge.random), edge, true);
    }

    /** Selects the backend for a third attempt, after failures at two backends. */
    @Benchmark
    @Fork(1)
    public int next() {
        return chooser.chooseNext(candidates[turn++ & REQUESTS - 1], tried, tried.length);
    }
}

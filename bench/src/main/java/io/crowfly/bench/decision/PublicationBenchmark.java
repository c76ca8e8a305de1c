package io.crowfly.bench.decision;

import io.crowfly.balancer.routing.RoutingTable;
import io.crowfly.probes.Ranking;
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
 * JMH benchmark of {@code bench decision}: the cost of computing a ranking and a routing table. The balancer's control
 * thread does both up to twenty times per second, so that a decision only reads the table.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 1, timeUnit = TimeUnit.SECONDS)
@State(Scope.Thread)
public class PublicationBenchmark {

    @Param({"6", "500"})
    public int backends;

    private WarmEdge edge;

    @Setup
    public void setUp() {
        edge = new WarmEdge(backends, 0);
    }

    /** Computes a ranking from the forecasts and the health of the backends. */
    @Benchmark
    public Ranking publish() {
        return edge.publish();
    }

    /** Computes a routing table from a ranking. */
    @Benchmark
    public RoutingTable plan() {
        return edge.planner.plan(edge.ranking());
    }
}

package io.crowfly.bench.decision;

import io.crowfly.balancer.routing.RoutingTable;
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
@Warmup(iterations = 5, time = 1500, timeUnit = TimeUnit.MILLISECONDS) // planning is much code to compile
@Measurement(iterations = 3, time = 1, timeUnit = TimeUnit.SECONDS)
@State(Scope.Thread)
public class PublicationBenchmark {

    /** Responses in a tick of 50 ms: 200 per second. */
    private static final int RESPONSES_PER_TICK = 10;

    @Param({"6", "500"})
    public int backends;

    private WarmEdge edge;

    @Setup
    public void setUp() {
        edge = new WarmEdge(backends, 0);
    }

    /** Computes a ranking and a table after 50 ms without any response. */
    @Benchmark
    public RoutingTable quietTick() {
        return edge.tick();
    }

    /** Computes a ranking and a table after 50 ms with {@value #RESPONSES_PER_TICK} responses. */
    @Benchmark
    public RoutingTable busyTick() {
        edge.respond(RESPONSES_PER_TICK);
        return edge.tick();
    }

    /** Computes the first table, as after a reload: no plan is known yet. */
    @Benchmark
    public RoutingTable firstTable() {
        return edge.firstTable();
    }
}

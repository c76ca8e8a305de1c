package io.crowfly.bench.decision;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.crowfly.balancer.routing.Candidates;
import io.crowfly.balancer.routing.Chooser;
import io.crowfly.balancer.routing.RequestFacts;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Checks the allocations of a decision, and the state of the benchmark's edge. */
class DecisionTest {

    /** Few enough that the compiler does not eliminate the interpreter's allocations. */
    private static final int DECISIONS = 2_000;

    /**
     * In bytes: allocations of the JVM itself that are counted for the thread. One object per decision would be at
     * least 32,000.
     */
    private static final long TOLERATED_BYTES = 1_000;

    private final WarmEdge edge = new WarmEdge(6, 3);
    private final Chooser chooser = new Chooser(edge.random);
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @BeforeEach
    void linkWhatIsUsed() {
        allocatedBy(edge.requests(100));
        allocatedBy(edge.unseenRequests(100));
    }

    @Test
    void allocatesNothing() {
        assertThat(allocatedBy(edge.requests(DECISIONS))).isLessThan(TOLERATED_BYTES);
    }

    @Test
    void allocatesNothingForAnUnknownModel() {
        assertThat(allocatedBy(edge.unseenRequests(DECISIONS))).isLessThan(TOLERATED_BYTES);
    }

    @Test
    void theEdgeHasTheDescribedState() {
        Candidates candidates = edge.table().candidates(edge.requests(1)[0], edge.random);

        assertThat(candidates.rule()).contains("zone");
        assertThat(candidates.openCount()).isEqualTo(6);
        assertThat(candidates.list())
                .filteredOn(candidate -> candidate.share() > 0)
                .hasSizeBetween(2, 4);
        assertThat(candidates.list())
                .allSatisfy(candidate ->
                        assertThat(candidate.forecast().prediction().basis()).hasToString("LIVE"));
    }

    private long allocatedBy(RequestFacts[] requests) {
        int[] tried = {0};
        int sum = 0;
        long before = threads.getCurrentThreadAllocatedBytes();
        for (RequestFacts facts : requests) {
            Candidates candidates = edge.table().candidates(facts, edge.random);
            sum += chooser.chooseFirst(candidates, edge, true) + chooser.chooseNext(candidates, tried, 1);
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(sum).isNotZero();
        return allocated;
    }
}

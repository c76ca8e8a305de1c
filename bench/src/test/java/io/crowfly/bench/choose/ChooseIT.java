package io.crowfly.bench.choose;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.Balancer;
import io.crowfly.balancer.InvalidConfException;
import io.crowfly.bench.LongRuns;
import io.crowfly.bench.choose.SimulatedBackend.Cloud;
import io.crowfly.bench.choose.UnlimitedTierToleranceMeasurement.Fault;
import io.crowfly.bench.proof.Claim;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Runs the parts of the benchmark about 429s, tiers, rules and clients that wait, as short as possible and in one
 * process. No assertion depends on time.
 */
class ChooseIT {

    @TempDir
    Path folder;

    private final StringWriter output = new StringWriter();
    private final PrintWriter progress = new PrintWriter(output, true);

    private static AutoCloseable start(Path conf, int port) throws IOException {
        try {
            return Balancer.start(conf);
        } catch (InvalidConfException e) {
            throw new IOException(e);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"AZURE", "GOOGLE"})
    void noClientReceivesThe429sOfOneCloudWhileTheOtherHasCapacity(Cloud stormy) throws Exception {
        PartResult result =
                RateLimitStormMeasurement.measure(ChooseIT::start, folder, stormy, LongRuns.choose(1, 4), progress);
        // The number of requests sent before the first 429 arrives depends on the machine, and is significant in so
        // short a storm.
        assertClaimsHold(result, claim -> !claim.statement().endsWith("attempts per request"));
    }

    @Test
    void anUnlimitedTierToleranceKeepsRequestsInTheTierAndLosesNone() throws Exception {
        int seconds = LongRuns.choose(1, 2);
        List<Fault> faults = LongRuns.choose(List.of(Fault.UNREACHABLE), List.of(Fault.values()));
        assertClaimsHold(UnlimitedTierToleranceMeasurement.measure(ChooseIT::start, folder, seconds, faults, progress));
    }

    @Test
    void everyAttemptStaysWithinItsRuleDuringOutagesAndRetries() throws Exception {
        PartResult result = RoutingRulesMeasurement.measure(ChooseIT::start, folder, 1500, 500, progress);
        // Whether any of so few requests is late enough for a hedge depends on the machine; the benchmark checks this.
        assertClaimsHold(result, claim -> !claim.statement().startsWith("rules: hedged"));
    }

    @Test
    void clientsThatWaitReceiveTheWholeStreamOfOneBackend() throws Exception {
        PartResult result = WaitingMeasurement.measure(ChooseIT::start, folder, 0.02, progress);
        assertClaimsHold(result, claim -> claim.statement().contains("the whole stream"));
    }

    private void assertClaimsHold(PartResult result) {
        assertClaimsHold(result, claim -> true);
    }

    private void assertClaimsHold(PartResult result, Predicate<Claim> asserted) {
        assertThat(result.claims().stream().filter(asserted))
                .as("%s%n%s", result.figures(), output)
                .isNotEmpty()
                .allMatch(Claim::holds);
    }
}

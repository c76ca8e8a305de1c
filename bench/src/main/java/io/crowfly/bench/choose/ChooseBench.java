package io.crowfly.bench.choose;

import io.crowfly.bench.choose.SimulatedBackend.Cloud;
import io.crowfly.bench.choose.UnlimitedTierToleranceMeasurement.Fault;
import io.crowfly.bench.process.Children;
import io.crowfly.bench.process.CrowflyCommand;
import io.crowfly.bench.process.Machine;
import io.crowfly.bench.process.Programs;
import io.crowfly.bench.process.RunFolder;
import io.crowfly.bench.proof.Claim;
import io.crowfly.bench.proof.Proof;
import io.crowfly.bench.proof.ProofCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * Command {@code crowfly bench choose}: checks the balancer's backend selection over real sockets during slowdowns,
 * failures and 429s, and with tiers and rules.
 */
public final class ChooseBench {

    private static final OptionSpec ROUNDS =
            ProofCommand.number("--rounds", 2, "how often each timed disturbance of a backend is repeated");
    private static final OptionSpec STORM =
            ProofCommand.number("--storm-seconds", 15, "how long each cloud responds 429");
    private static final OptionSpec REQUESTS =
            ProofCommand.number("--requests", 100_000, "number of requests under routing rules");
    private static final OptionSpec RATE = ProofCommand.number("--rate", 3000, "number of these requests per second");

    private static final OptionSpec ONLY = OptionSpec.builder("--only")
            .type(Part.class)
            .paramLabel("PART")
            .description("one part of the benchmark: ${COMPLETION-CANDIDATES} (default: all)")
            .build();

    private enum Part {
        moving,
        recovery,
        load,
        storm,
        tiers,
        rules,
        late,
        waiting,
        models
    }

    /**
     * Normal times to the first token, in milliseconds, of the tier that later becomes 300 ms slower. With a shorter
     * time the slowdown is larger in proportion, so it is detected sooner.
     */
    private static final List<Long> NORMAL_MILLIS = List.of(150L, 250L);

    /** Times to the first token of the best backend that slows down, in milliseconds: a small and a large model. */
    private static final long[] BEST_MILLIS = {150, 640};

    /** Duration of each phase with {@code tier-tolerance: unlimited}, in seconds. */
    private static final int TIER_SECONDS = 4;

    /** Length of each run with late responses, in seconds: long enough for some thousand requests. */
    private static final int LATE_SECONDS = 60;

    /** Length of each run at backends that slow down with their load, in seconds. */
    private static final int LOAD_SECONDS = 60;

    private ChooseBench() {}

    public static CommandSpec spec() {
        return ProofCommand.spec(
                "choose",
                "Checks backend selection during slowdowns, failures, silence, own load and 429s, and with tiers, rules and clients that wait.",
                List.of(),
                List.of(ROUNDS, STORM, REQUESTS, RATE, ONLY),
                ChooseBench::run);
    }

    private static Proof run(ParseResult options, CrowflyCommand crowfly, Programs programs, PrintWriter progress)
            throws IOException, InterruptedException {
        int rounds = ProofCommand.value(options, ROUNDS);
        int requests = ProofCommand.value(options, REQUESTS);
        int perSecond = ProofCommand.value(options, RATE);
        int stormSeconds = ProofCommand.value(options, STORM);
        Map<String, String> facts = Machine.facts();
        List<PartResult> results = new ArrayList<>();
        Part only = options.matchedOptionValue(ONLY.longestName(), null);
        List<Part> parts = only == null ? List.of(Part.values()) : List.of(only);
        try (RunFolder folder = RunFolder.create("choose")) {
            Path path = folder.path();
            ChooseTestBed.BalancerStarter starter = (conf, port) -> start(crowfly, programs, conf, port);
            for (Part part : parts) {
                switch (part) {
                    case moving -> {
                        for (long millis : BEST_MILLIS) {
                            results.add(SlowdownAndOutageMeasurement.measure(
                                    starter, path.resolve("moving" + millis), millis, rounds, progress));
                        }
                    }
                    case recovery ->
                        results.add(RecoveryMeasurement.measure(starter, path.resolve("recovery"), progress));
                    case load ->
                        results.add(OwnLoadMeasurement.measure(starter, path.resolve("load"), LOAD_SECONDS, progress));
                    case storm -> {
                        results.add(RateLimitStormMeasurement.measure(
                                starter, path.resolve("azure"), Cloud.AZURE, stormSeconds, progress));
                        results.add(RateLimitStormMeasurement.measure(
                                starter, path.resolve("google"), Cloud.GOOGLE, stormSeconds, progress));
                    }
                    case tiers -> {
                        results.add(UnlimitedTierToleranceMeasurement.measure(
                                starter, path.resolve("refusal"), TIER_SECONDS, List.of(Fault.values()), progress));
                        for (long normalMillis : NORMAL_MILLIS) {
                            results.add(LimitedTierToleranceMeasurement.measure(
                                    starter, path.resolve("tolerance" + normalMillis), normalMillis, 1, progress));
                        }
                    }
                    case rules ->
                        results.add(RoutingRulesMeasurement.measure(
                                starter, path.resolve("rules"), requests, perSecond, progress));
                    case late ->
                        results.add(
                                LateTokenMeasurement.measure(starter, path.resolve("late"), LATE_SECONDS, progress));
                    case waiting ->
                        results.add(WaitingMeasurement.measure(starter, path.resolve("waiting"), 1, progress));
                    case models ->
                        results.add(FailingModelsMeasurement.measure(starter, path.resolve("models"), progress));
                }
            }
        }
        List<Claim> claims =
                results.stream().flatMap(part -> part.claims().stream()).toList();
        String figures = results.stream().map(PartResult::figures).collect(Collectors.joining("\n"));
        return new Proof("Backend selection over real sockets", METHOD, facts, claims, figures);
    }

    private static AutoCloseable start(CrowflyCommand crowfly, Programs programs, Path conf, int port)
            throws IOException, InterruptedException {
        Children children = new Children(programs);
        try {
            children.start("crowfly", crowfly.withConf(conf), Map.of(), conf.resolveSibling("crowfly.log"))
                    .awaitListening(port);
            return children;
        } catch (IOException | InterruptedException | RuntimeException e) {
            children.close();
            throw e;
        }
    }

    private static final String METHOD = """
            Simulated endpoints, a Crowfly in front of them with a minimal conf, and clients that send streamed chats at
            random times, %d per second, independent of earlier responses. Times to the first token are log-normal with
            a sigma of 0.35. Traffic has moved when nine in ten of the requests of the following second have moved. The
            time ends when that second begins; of several rounds the slowest counts. Failed attempts are from the
            balancer's access log. Attempts at endpoints are counted by the endpoints, including failed attempts and
            cancelled hedges.
            """.formatted(TrafficShift.PER_SECOND);
}

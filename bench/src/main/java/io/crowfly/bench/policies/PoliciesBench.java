package io.crowfly.bench.policies;

import io.crowfly.balancer.CommandAction;
import io.crowfly.bench.policies.policy.Policies;
import io.crowfly.bench.policies.policy.Policies.NamedPolicy;
import io.crowfly.bench.policies.report.MarkdownPage;
import io.crowfly.bench.policies.report.PlotPage;
import io.crowfly.bench.policies.report.ScenarioResults;
import io.crowfly.bench.policies.report.SeedTable;
import io.crowfly.bench.policies.report.Targets;
import io.crowfly.bench.policies.scenario.AccessLogReader;
import io.crowfly.bench.policies.scenario.Scenario;
import io.crowfly.bench.policies.scenario.ScenarioException;
import io.crowfly.bench.policies.scenario.Scenarios;
import io.crowfly.bench.proof.Claim;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;

/**
 * Command {@code crowfly bench policies}: compares policies for backend selection in a simulation. Exit codes: 0; 1 if
 * Crowfly's policy missed a target, or a scenario can't be read; 2 for bad usage.
 */
public final class PoliciesBench implements CommandAction {

    private static final int FAILED = 1;

    private static final OptionSpec SCENARIO = repeatable(
            "--scenario",
            "NAME|FILE",
            "a scenario of this build, or a scenario file; repeatable (default: all of this build)");
    private static final OptionSpec POLICY =
            repeatable("--policy", "NAME", "a policy to compare; repeatable (default: all)");
    private static final OptionSpec SEED = OptionSpec.builder("--seed")
            .type(List.class)
            .auxiliaryTypes(Long.class)
            .splitRegex(",")
            .paramLabel("N")
            .description(
                    "a seed in place of the scenarios' own seeds; with several (1,2,3), the result is one table with "
                            + "mean and worst figures over the seeds")
            .build();
    private static final OptionSpec START = OptionSpec.builder("--start")
            .type(Start.class)
            .converters(Start::parse)
            .paramLabel("warm|cold|both")
            .description(
                    "warm: the scenarios as written, with a warm-up that does not count; cold: without warm-up, and with "
                            + "the first event at the start (default: both)")
            .build();
    private static final OptionSpec REPLAY = OptionSpec.builder("--replay")
            .type(Path.class)
            .paramLabel("ACCESS_LOG")
            .description("requests from an access log, in place of those of the given --scenario")
            .build();
    private static final OptionSpec OUT = OptionSpec.builder("--out")
            .type(Path.class)
            .paramLabel("FOLDER")
            .description(
                    "folder for policies.md and policies.html, or with several seeds for policies-seeds.md (default: "
                            + "bench/results for a complete run, else none)")
            .build();

    /** Value of {@code --start}. A scenario without warm-up runs once with each value. */
    private enum Start {
        WARM,
        COLD,
        BOTH;

        private static Start parse(String text) {
            return Stream.of(values())
                    .filter(start -> start.name().toLowerCase(Locale.ROOT).equals(text))
                    .findFirst()
                    .orElseThrow(() -> new TypeConversionException("must be warm, cold or both, not " + text));
        }

        List<Scenario> variants(Scenario scenario) {
            return switch (this) {
                case WARM -> scenario.withEachRate();
                case COLD ->
                    scenario.variants().stream().filter(Scenario::isCold).toList();
                case BOTH -> scenario.variants();
            };
        }
    }

    private final CommandSpec spec = CommandSpec.wrapWithoutInspection(this);

    private PoliciesBench() {}

    public static CommandSpec spec() {
        CommandSpec spec = new PoliciesBench().spec.name("policies");
        spec.usageMessage().description("Compares policies for backend selection in simulated scenarios.");
        List.of(SCENARIO, POLICY, START, SEED, REPLAY, OUT)
                .forEach(option -> spec.addOption(OptionSpec.builder(option).build()));
        spec.mixinStandardHelpOptions(true);
        return spec;
    }

    private static OptionSpec repeatable(String name, String label, String description) {
        return OptionSpec.builder(name)
                .type(List.class)
                .auxiliaryTypes(String.class)
                .paramLabel(label)
                .description(description)
                .build();
    }

    @Override
    public int execute(ParseResult options) {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        try {
            List<NamedPolicy> policies = policies(options);
            List<Scenario> scenarios = scenarios(options, err);
            List<ScenarioResults> results = PolicyComparison.run(scenarios, policies);
            Optional<Path> folder = folder(options);
            if (seeds(options).size() > 1) {
                String table = SeedTable.markdown(results);
                if (folder.isPresent()) {
                    Files.writeString(Files.createDirectories(folder.get()).resolve("policies-seeds.md"), table);
                }
                out.print(table);
                out.flush();
                return CommandLine.ExitCode.OK;
            }
            String page = MarkdownPage.markdown(results);
            if (folder.isPresent()) {
                Path into = Files.createDirectories(folder.get());
                Files.writeString(into.resolve("policies.md"), page);
                Files.writeString(into.resolve("policies.html"), PlotPage.html(results));
            }
            out.print(page);
            out.flush();
            return Targets.of(results).stream().allMatch(Claim::holds) ? CommandLine.ExitCode.OK : FAILED;
        } catch (InterruptedException e) {
            err.println("interrupted");
        } catch (ScenarioException | IOException e) {
            err.println(e.getMessage());
        }
        err.flush();
        return FAILED;
    }

    private static List<NamedPolicy> policies(ParseResult options) {
        List<String> names = options.matchedOptionValue(POLICY.longestName(), List.of());
        for (String name : names) {
            if (Policies.find(name).isEmpty()) {
                String known = String.join(
                        ", ", Policies.ALL.stream().map(NamedPolicy::name).toList());
                throw new CommandLine.ParameterException(
                        options.commandSpec().commandLine(),
                        "no policy is named " + name + "; the policies are " + known);
            }
        }
        return Policies.ALL.stream()
                .filter(policy -> names.isEmpty() || names.contains(policy.name()))
                .toList();
    }

    private static List<Scenario> scenarios(ParseResult options, PrintWriter err) throws ScenarioException {
        List<Scenario> scenarios = new ArrayList<>();
        List<String> names = options.matchedOptionValue(SCENARIO.longestName(), Scenarios.SHIPPED);
        for (String name : names) {
            scenarios.add(Scenarios.find(name));
        }
        if (options.hasMatchedOption(REPLAY.longestName())) {
            if (scenarios.size() != 1) {
                throw new CommandLine.ParameterException(
                        options.commandSpec().commandLine(),
                        "--replay needs exactly one --scenario, for its backends and events");
            }
            Path log = options.matchedOptionValue(REPLAY.longestName(), Path.of(""));
            scenarios.set(0, replayed(scenarios.get(0), log, err));
        }
        Start start = options.matchedOptionValue(START.longestName(), Start.BOTH);
        List<Long> seeds = seeds(options);
        return scenarios.stream()
                .flatMap(scenario -> start.variants(scenario).stream())
                .flatMap(scenario ->
                        seeds.isEmpty() ? Stream.of(scenario) : seeds.stream().map(scenario::withSeed))
                .toList();
    }

    private static List<Long> seeds(ParseResult options) {
        return options.matchedOptionValue(SEED.longestName(), List.of());
    }

    private static Scenario replayed(Scenario scenario, Path log, PrintWriter err) throws ScenarioException {
        AccessLogReader.Recorded recorded = AccessLogReader.read(log, scenario);
        if (!recorded.unknownModels().isEmpty()) {
            err.println("models unknown to the scenario are replaced by random models of the scenario: "
                    + String.join(", ", recorded.unknownModels()));
        }
        return scenario.withArrivals(recorded.arrivals(), recorded.durationNanos());
    }

    /**
     * Returns the folder for the pages; empty if they are not written. Without {@code --out}, a partial run writes no
     * pages, so that it does not replace the complete ones.
     */
    private static Optional<Path> folder(ParseResult options) {
        if (options.hasMatchedOption(OUT.longestName())) {
            return Optional.of(options.matchedOptionValue(OUT.longestName(), Path.of("")));
        }
        boolean completeRun = !options.hasMatchedOption(SCENARIO.longestName())
                && !options.hasMatchedOption(POLICY.longestName())
                && !options.hasMatchedOption(START.longestName())
                && !options.hasMatchedOption(SEED.longestName());
        return completeRun ? Optional.of(Path.of("bench/results")) : Optional.empty();
    }
}

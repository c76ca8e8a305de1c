package io.crowfly.bench.policies;

import io.crowfly.balancer.Main.Action;
import io.crowfly.bench.policies.policy.Policies;
import io.crowfly.bench.policies.policy.Policies.Named;
import io.crowfly.bench.policies.report.Page;
import io.crowfly.bench.policies.report.Results;
import io.crowfly.bench.policies.report.Targets;
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
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * The command {@code bench policies}. Exit codes: 0; 1 when our policy missed a target, or a scenario can't be read; 2 for bad
 * usage.
 */
public final class PoliciesBench implements Action {

    private static final int FAILED = 1;

    private static final OptionSpec SCENARIO = several(
            "--scenario",
            "NAME|FILE",
            "a scenario that ships, or a file of one's own; repeatable (default: all that ship)");
    private static final OptionSpec POLICY =
            several("--policy", "NAME", "a policy to compare; repeatable (default: all)");
    private static final OptionSpec SEED = OptionSpec.builder("--seed")
            .type(long.class)
            .paramLabel("N")
            .description("instead of each scenario's own")
            .build();
    private static final OptionSpec OUT = OptionSpec.builder("--out")
            .type(Path.class)
            .paramLabel("FOLDER")
            .description("where policies.md goes (default: bench/results if everything runs, nowhere otherwise)")
            .build();

    private final CommandSpec spec = CommandSpec.wrapWithoutInspection(this);

    private PoliciesBench() {}

    public static CommandSpec spec() {
        CommandSpec spec = new PoliciesBench().spec.name("policies");
        spec.usageMessage().description("Simulates ways to choose a backend, side by side, in all weathers.");
        List.of(SCENARIO, POLICY, SEED, OUT)
                .forEach(option -> spec.addOption(OptionSpec.builder(option).build()));
        spec.mixinStandardHelpOptions(true);
        return spec;
    }

    private static OptionSpec several(String name, String label, String what) {
        return OptionSpec.builder(name)
                .type(List.class)
                .auxiliaryTypes(String.class)
                .paramLabel(label)
                .description(what)
                .build();
    }

    @Override
    public int execute(ParseResult options) {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        try {
            List<Named> policies = policies(options);
            List<Scenario> scenarios = scenarios(options);
            List<Results> results = Comparison.run(scenarios, policies);
            String page = Page.markdown(results);
            Optional<Path> folder = folder(options);
            if (folder.isPresent()) {
                Files.writeString(Files.createDirectories(folder.get()).resolve("policies.md"), page);
            }
            out.print(page);
            out.flush();
            return Targets.of(results).stream().allMatch(Claim::held) ? CommandLine.ExitCode.OK : FAILED;
        } catch (InterruptedException e) {
            err.println("interrupted");
        } catch (ScenarioException | IOException e) {
            err.println(e.getMessage());
        }
        err.flush();
        return FAILED;
    }

    private static List<Named> policies(ParseResult options) {
        List<String> names = options.matchedOptionValue(POLICY.longestName(), List.of());
        for (String name : names) {
            if (Policies.ALL.stream().noneMatch(policy -> policy.name().equals(name))) {
                String known =
                        String.join(", ", Policies.ALL.stream().map(Named::name).toList());
                throw new CommandLine.ParameterException(
                        options.commandSpec().commandLine(), "no policy is named " + name + "; there are " + known);
            }
        }
        return Policies.ALL.stream()
                .filter(policy -> names.isEmpty() || names.contains(policy.name()))
                .toList();
    }

    private static List<Scenario> scenarios(ParseResult options) throws ScenarioException {
        List<Scenario> scenarios = new ArrayList<>();
        List<String> names = options.matchedOptionValue(SCENARIO.longestName(), Scenarios.SHIPPED);
        for (String name : names) {
            Scenario scenario = Scenarios.find(name);
            scenarios.add(
                    options.hasMatchedOption(SEED.longestName())
                            ? scenario.withSeed(options.matchedOptionValue(SEED.longestName(), 0L))
                            : scenario);
        }
        return scenarios;
    }

    /** A page of a part would stand in the way of the whole one. */
    private static Optional<Path> folder(ParseResult options) {
        if (options.hasMatchedOption(OUT.longestName())) {
            return Optional.of(options.matchedOptionValue(OUT.longestName(), Path.of("")));
        }
        boolean whole = !options.hasMatchedOption(SCENARIO.longestName())
                && !options.hasMatchedOption(POLICY.longestName())
                && !options.hasMatchedOption(SEED.longestName());
        return whole ? Optional.of(Path.of("bench/results")) : Optional.empty();
    }
}

package io.crowfly.bench.peers;

import io.crowfly.bench.process.Cores;
import io.crowfly.bench.process.CrowflyCommand;
import io.crowfly.bench.process.Machine;
import io.crowfly.bench.process.Programs;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * Command {@code crowfly bench peers}: compares the CPU cost of Crowfly, HAProxy and nginx. Exit codes: 0; 1 if a proxy
 * failed or responded with errors; 2 for bad usage, a missing program, or a machine with only one core.
 */
public final class PeersBench implements Callable<Integer> {

    private static final int FAILED = 1;

    private final OptionSpec rounds = number("--rounds", "5", "rounds of each proxy in each scenario");
    private final OptionSpec seconds = number("--seconds", "4", "length of a round");
    private final OptionSpec warmUp = number("--warm-up", "38", "seconds of load before the JVM's first round");
    private final OptionSpec scenarios = list(
            "--scenarios",
            "small,post,64k,10m,upload,sse,tls,handshake-rsa,handshake-p256,small-1000,small-4000,rate",
            "the scenarios of the comparison; also post-model-last");
    private final OptionSpec peers = list(
            "--peers",
            "crowfly,haproxy,nginx",
            "the proxies, in the order of a round; haproxy-stock and nginx-stock are without tuning");
    private final OptionSpec out = OptionSpec.builder("--out")
            .type(Path.class)
            .paramLabel("FOLDER")
            .defaultValue("bench/results")
            .description("folder for peers.md (default: ${DEFAULT-VALUE})")
            .build();
    private final OptionSpec crowfly = OptionSpec.builder("--crowfly")
            .type(String.class)
            .paramLabel("COMMAND")
            .defaultValue(CrowflyCommand.DEFAULT)
            .description("command to start Crowfly; FILE stands for its conf (default: ${DEFAULT-VALUE})")
            .build();

    private final OptionSpec help = OptionSpec.builder("-h", "--help")
            .type(boolean.class)
            .usageHelp(true)
            .description("this text")
            .build();

    private final Programs programs;
    private final CommandSpec spec;

    private PeersBench(Programs programs) {
        this.programs = programs;
        this.spec = CommandSpec.wrapWithoutInspection(this)
                .name("peers")
                .addOption(help)
                .addOption(rounds)
                .addOption(seconds)
                .addOption(warmUp)
                .addOption(scenarios)
                .addOption(peers)
                .addOption(out)
                .addOption(crowfly);
        spec.usageMessage().description("CPU per request of Crowfly, HAProxy and nginx, side by side.");
    }

    /** Returns a new command, for use alone or as a subcommand. */
    public static CommandSpec command() {
        return command(Programs.installed());
    }

    static CommandSpec command(Programs programs) {
        return new PeersBench(programs).spec;
    }

    public static void main(String[] args) {
        System.exit(new CommandLine(command()).execute(args));
    }

    @Override
    public Integer call() {
        List<PeerScenario> chosen = chosenScenarios();
        List<Peer> compared = chosenPeers();
        requirePositive(rounds, seconds, warmUp);
        requirePrograms(compared);
        PrintWriter progress = spec.commandLine().getErr();
        try {
            int count = rounds.<Integer>getValue();
            int length = seconds.<Integer>getValue();
            Map<String, String> facts = facts(compared);
            facts.forEach((label, value) -> progress.println(label + ": " + value));
            var results = new PeersRun(programs, compared, count, length, progress).run(chosen);
            String page = PeersReport.markdown(facts, count, length, results);
            Path folder = Files.createDirectories(out.<Path>getValue());
            Files.writeString(folder.resolve("peers.md"), page);
            spec.commandLine().getOut().print(page);
            spec.commandLine().getOut().flush();
            boolean clean = results.values().stream()
                    .flatMap(proxies -> proxies.values().stream())
                    .flatMap(List::stream)
                    .allMatch(sample -> sample.errors() == 0);
            return clean ? CommandLine.ExitCode.OK : FAILED;
        } catch (InterruptedException interrupted) {
            progress.println("interrupted");
            return FAILED;
        } catch (IOException failure) {
            progress.println(failure.getMessage());
            progress.flush();
            return FAILED;
        }
    }

    private List<PeerScenario> chosenScenarios() {
        return Stream.of(scenarios.<String[]>getValue())
                .map(id -> PeerScenario.find(id).orElseThrow(() -> usageError("unknown scenario '" + id + "'")))
                .toList();
    }

    private List<Peer> chosenPeers() {
        List<Peer> chosen = new ArrayList<>();
        for (String name : peers.<String[]>getValue()) {
            chosen.add(
                    switch (name) {
                        case "crowfly" -> new CrowflyPeer(crowfly.getValue(), warmUp.<Integer>getValue());
                        case "haproxy" -> new HaProxyPeer(true);
                        case "haproxy-stock" -> new HaProxyPeer(false);
                        case "nginx" -> new NginxPeer(true);
                        case "nginx-stock" -> new NginxPeer(false);
                        default -> throw usageError("unknown proxy '" + name + "'");
                    });
        }
        return chosen;
    }

    private void requirePositive(OptionSpec... numbers) {
        for (OptionSpec number : numbers) {
            if (number.<Integer>getValue() < 1) {
                throw usageError(number.longestName() + " must be at least 1");
            }
        }
    }

    /** Checks that the needed programs are installed. nginx is always needed, because it serves as the backends. */
    private void requirePrograms(List<Peer> compared) {
        boolean haProxy = compared.stream().anyMatch(HaProxyPeer.class::isInstance);
        List<String> missing = programs.missing(Stream.concat(
                Stream.of("taskset", "wrk", "nginx", "openssl"), haProxy ? Stream.of("haproxy") : Stream.empty()));
        if (!missing.isEmpty()) {
            throw usageError(String.join(System.lineSeparator(), missing));
        }
        if (Runtime.getRuntime().availableProcessors() <= Cores.PROXY_CORE) {
            throw usageError("two cores are needed, one for the proxies and one for their load");
        }
    }

    private Map<String, String> facts(List<Peer> compared) throws IOException {
        Map<String, String> facts = Machine.facts();
        compared.forEach(peer -> facts.put(peer.name(), peer.version(programs)));
        facts.put("load generator", programs.firstLine("wrk", "-v"));
        return facts;
    }

    private ParameterException usageError(String why) {
        return new ParameterException(spec.commandLine(), why);
    }

    private static OptionSpec number(String name, String value, String description) {
        return OptionSpec.builder(name)
                .type(int.class)
                .paramLabel("N")
                .defaultValue(value)
                .description(description + " (default: ${DEFAULT-VALUE})")
                .build();
    }

    private static OptionSpec list(String name, String value, String description) {
        return OptionSpec.builder(name)
                .type(String[].class)
                .splitRegex(",")
                .paramLabel("NAME")
                .defaultValue(value)
                .description(description + " (default: ${DEFAULT-VALUE})")
                .build();
    }
}

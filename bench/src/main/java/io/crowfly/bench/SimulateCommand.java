package io.crowfly.bench;

import io.crowfly.balancer.Main.Action;
import io.crowfly.bench.endpoint.Behaviour;
import io.crowfly.bench.endpoint.Delay;
import io.crowfly.bench.endpoint.Dialect;
import io.crowfly.bench.endpoint.EndpointSpec;
import io.crowfly.bench.endpoint.KeyPairFiles;
import io.crowfly.bench.endpoint.PrivateAuthority;
import io.crowfly.bench.endpoint.SimulatedEndpoint;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code simulate}: endpoints alone, for tests with other programs' clients and for work by hand. */
final class SimulateCommand implements Action {

    private static final int LAST_PORT = 65_535;

    private final CommandSpec spec = CommandSpec.wrapWithoutInspection(this);

    private SimulateCommand() {}

    static CommandSpec spec() {
        SimulateCommand command = new SimulateCommand();
        CommandSpec spec = command.spec.name("simulate");
        spec.usageMessage().description("Runs simulated endpoints until it is stopped. Port 0 takes any free one.");
        for (String kind : List.of("azure", "google", "gemini", "openai")) {
            spec.addOption(OptionSpec.builder("--" + kind)
                    .paramLabel("PORT")
                    .type(int.class)
                    .description("An endpoint that speaks as " + kind + " does.")
                    .build());
        }
        SimulatedTerms.OPTIONS.forEach(spec::addOption);
        spec.addOption(OptionSpec.builder("--first-token-ms")
                .type(long.class)
                .defaultValue("0")
                .description("Time to the first token, in milliseconds (${DEFAULT-VALUE}).")
                .build());
        spec.addOption(OptionSpec.builder("--tls")
                .paramLabel("DIR")
                .type(Path.class)
                .description("Speaks TLS, with a certificate made on the spot; DIR gets ca.crt for clients to trust.")
                .build());
        spec.addOption(OptionSpec.builder("--threads")
                .type(int.class)
                .defaultValue("1")
                .description("Event loops of each endpoint (${DEFAULT-VALUE}).")
                .build());
        spec.mixinStandardHelpOptions(true);
        return spec;
    }

    @Override
    public int execute(ParseResult options) {
        Logs.onlyWarnings();
        SimulatedTerms terms = new SimulatedTerms(spec.commandLine(), options);
        Map<Dialect, Integer> wanted = new LinkedHashMap<>();
        port(options, "--azure").ifPresent(port -> wanted.put(terms.azure(), port));
        port(options, "--google").ifPresent(port -> wanted.put(terms.google(), port));
        port(options, "--gemini").ifPresent(port -> wanted.put(terms.gemini(), port));
        port(options, "--openai").ifPresent(port -> wanted.put(terms.openai(), port));
        CommandLine line = spec.commandLine();
        if (wanted.isEmpty()) {
            line.getErr().println("Name at least one of --azure, --google, --gemini and --openai.");
            line.usage(line.getErr());
            return CommandLine.ExitCode.USAGE;
        }
        List<SimulatedEndpoint> open = new ArrayList<>();
        try {
            Optional<KeyPairFiles> tls = certificate(options, line.getOut());
            Behaviour behaviour = Behaviour.prompt()
                    .withFirstToken(Delay.ofMillis(options.<Long>matchedOptionValue("--first-token-ms", 0L)));
            for (Map.Entry<Dialect, Integer> each : wanted.entrySet()) {
                EndpointSpec plain = EndpointSpec.of(each.getKey())
                        .withPort(each.getValue())
                        .withBehaviour(behaviour)
                        .withThreads(options.<Integer>matchedOptionValue("--threads", 1));
                SimulatedEndpoint endpoint =
                        SimulatedEndpoint.open(tls.map(plain::withTls).orElse(plain));
                open.add(endpoint);
                line.getOut().println(each.getKey().name() + " " + endpoint.url());
            }
            line.getOut().flush();
            untilStopped();
            return CommandLine.ExitCode.OK;
        } catch (IOException e) {
            line.getErr().println(e.getMessage());
            return CommandLine.ExitCode.SOFTWARE;
        } finally {
            open.forEach(SimulatedEndpoint::close);
        }
    }

    private Optional<Integer> port(ParseResult options, String name) {
        Optional<Integer> port = Optional.ofNullable(options.matchedOptionValue(name, (Integer) null));
        if (port.isPresent() && (port.get() < 0 || port.get() > LAST_PORT)) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), name + ": " + port.get() + " is no port; write one from 0 to " + LAST_PORT);
        }
        return port;
    }

    private static Optional<KeyPairFiles> certificate(ParseResult options, PrintWriter out) throws IOException {
        if (!options.hasMatchedOption("--tls")) {
            return Optional.empty();
        }
        PrivateAuthority authority = PrivateAuthority.in(options.matchedOptionValue("--tls", Path.of(".")));
        out.println("ca " + authority.certificate());
        return Optional.of(authority.issueForLoopback());
    }

    /** The process ends by a signal; its sockets end with it. */
    private static void untilStopped() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

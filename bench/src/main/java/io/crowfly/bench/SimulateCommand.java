package io.crowfly.bench;

import io.crowfly.balancer.CommandAction;
import io.crowfly.bench.endpoint.EndpointSpec;
import io.crowfly.bench.endpoint.SimulatedEndpoint;
import io.crowfly.bench.endpoint.behaviour.Behaviour;
import io.crowfly.bench.endpoint.behaviour.Delay;
import io.crowfly.bench.endpoint.dialect.EndpointDialect;
import io.crowfly.bench.endpoint.tls.KeyPairFiles;
import io.crowfly.bench.endpoint.tls.PrivateAuthority;
import io.crowfly.bench.process.Logs;
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

/**
 * Command {@code crowfly simulate}: runs simulated endpoints without a balancer, for manual tests and for tests with
 * other clients.
 */
final class SimulateCommand implements CommandAction {

    private static final int LAST_PORT = 65_535;

    private final CommandSpec spec = CommandSpec.wrapWithoutInspection(this);

    private SimulateCommand() {}

    static CommandSpec spec() {
        SimulateCommand command = new SimulateCommand();
        CommandSpec spec = command.spec.name("simulate");
        spec.usageMessage().description("Runs simulated endpoints until stopped. Port 0 selects any free port.");
        for (String kind : List.of("azure", "google", "gemini", "openai")) {
            spec.addOption(OptionSpec.builder("--" + kind)
                    .paramLabel("PORT")
                    .type(int.class)
                    .description("Starts an endpoint with the dialect of " + kind + ".")
                    .build());
        }
        DialectOptions.OPTIONS.forEach(spec::addOption);
        spec.addOption(OptionSpec.builder("--first-token-ms")
                .type(long.class)
                .defaultValue("0")
                .description("Time to the first token, in milliseconds (${DEFAULT-VALUE}).")
                .build());
        spec.addOption(OptionSpec.builder("--tls")
                .paramLabel("DIR")
                .type(Path.class)
                .description(
                        "Uses TLS with a new certificate. The authority that clients must trust is written to DIR/ca.crt.")
                .build());
        spec.addOption(OptionSpec.builder("--threads")
                .type(int.class)
                .defaultValue("1")
                .description("Number of event loops of each endpoint (${DEFAULT-VALUE}).")
                .build());
        spec.mixinStandardHelpOptions(true);
        return spec;
    }

    @Override
    public int execute(ParseResult options) {
        Logs.showOnlyWarnings();
        DialectOptions dialects = new DialectOptions(spec.commandLine(), options);
        Map<EndpointDialect, Integer> portByDialect = new LinkedHashMap<>();
        port(options, "--azure").ifPresent(port -> portByDialect.put(dialects.azure(), port));
        port(options, "--google").ifPresent(port -> portByDialect.put(dialects.google(), port));
        port(options, "--gemini").ifPresent(port -> portByDialect.put(dialects.gemini(), port));
        port(options, "--openai").ifPresent(port -> portByDialect.put(dialects.openai(), port));
        CommandLine commandLine = spec.commandLine();
        if (portByDialect.isEmpty()) {
            commandLine.getErr().println("Name at least one of --azure, --google, --gemini and --openai.");
            commandLine.usage(commandLine.getErr());
            return CommandLine.ExitCode.USAGE;
        }
        List<SimulatedEndpoint> endpoints = new ArrayList<>();
        try {
            Optional<KeyPairFiles> tls = certificate(options, commandLine.getOut());
            Behaviour behaviour = Behaviour.immediate()
                    .withFirstToken(Delay.ofMillis(options.<Long>matchedOptionValue("--first-token-ms", 0L)));
            for (Map.Entry<EndpointDialect, Integer> entry : portByDialect.entrySet()) {
                EndpointSpec endpointSpec = EndpointSpec.of(entry.getKey())
                        .withPort(entry.getValue())
                        .withBehaviour(behaviour)
                        .withThreads(options.<Integer>matchedOptionValue("--threads", 1));
                SimulatedEndpoint endpoint =
                        SimulatedEndpoint.open(tls.map(endpointSpec::withTls).orElse(endpointSpec));
                endpoints.add(endpoint);
                commandLine.getOut().println(entry.getKey().name() + " " + endpoint.url());
            }
            commandLine.getOut().flush();
            awaitInterrupt();
            return CommandLine.ExitCode.OK;
        } catch (IOException e) {
            commandLine.getErr().println(e.getMessage());
            return CommandLine.ExitCode.SOFTWARE;
        } finally {
            endpoints.forEach(SimulatedEndpoint::close);
        }
    }

    private Optional<Integer> port(ParseResult options, String name) {
        Optional<Integer> port = Optional.ofNullable(options.matchedOptionValue(name, (Integer) null));
        if (port.isPresent() && (port.get() < 0 || port.get() > LAST_PORT)) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(),
                    name + ": " + port.get() + " is not a port; use a number from 0 to " + LAST_PORT);
        }
        return port;
    }

    private static Optional<KeyPairFiles> certificate(ParseResult options, PrintWriter out) throws IOException {
        if (!options.hasMatchedOption("--tls")) {
            return Optional.empty();
        }
        PrivateAuthority authority = PrivateAuthority.create(options.matchedOptionValue("--tls", Path.of(".")));
        out.println("ca " + authority.certificate());
        return Optional.of(authority.issueForLoopback());
    }

    /** Waits until the process is stopped by a signal, which also closes the sockets. */
    private static void awaitInterrupt() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package io.crowfly.bench.replace;

import io.crowfly.bench.process.Children;
import io.crowfly.bench.process.Children.Child;
import io.crowfly.bench.process.CrowflyCommand;
import io.crowfly.bench.process.Machine;
import io.crowfly.bench.process.Programs;
import io.crowfly.bench.process.RunFolder;
import io.crowfly.bench.proof.Claim;
import io.crowfly.bench.proof.Proof;
import io.crowfly.bench.proof.ProofCommand;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * Command {@code crowfly bench replace}: checks that replaced processes, reloads and new certificates cost no request,
 * and that a new process is as fast as the old one.
 */
public final class ReplaceBench {

    private static final OptionSpec REPLACEMENTS =
            ProofCommand.number("--replacements", 20, "how often the process is replaced");
    private static final OptionSpec RELOADS = ProofCommand.number("--reloads", 200, "number of reloads");
    private static final OptionSpec ROTATIONS =
            ProofCommand.number("--rotations", 50, "how often the certificate is replaced");
    private static final OptionSpec SECONDS = ProofCommand.number(
            "--seconds",
            60,
            "seconds before and after the first replacement whose times to the first token are compared");
    private static final OptionSpec WARM_UP =
            ProofCommand.number("--warm-up", 30, "seconds of load before the first measurement");

    private static final int STREAM_CLIENTS = 12;
    private static final int LONG_CLIENTS = 6;
    private static final int SOCKET_CLIENTS = 6;
    private static final int KEPT_CLIENTS = 4;
    private static final int HANDSHAKE_CLIENTS = 2;

    /** Largest difference of the mean times to the first token, in percent. */
    private static final double MAX_DIFFERENCE = 3;

    /** Longest time until a new certificate is served. */
    private static final double MAX_ROTATION_SECONDS = 2;

    /** Failures whose reasons are printed. */
    private static final int PRINTED = 10;

    private final ReplaceTestBed testBed;
    private final PrintWriter progress;
    private final List<Claim> claims = new ArrayList<>();
    private String ttft = "";

    private ReplaceBench(ReplaceTestBed testBed, PrintWriter progress) {
        this.testBed = testBed;
        this.progress = progress;
    }

    public static CommandSpec spec() {
        return ProofCommand.spec(
                "replace",
                "Checks that replaced processes, reloads and new certificates cost no request under load.",
                List.of(),
                List.of(REPLACEMENTS, RELOADS, ROTATIONS, SECONDS, WARM_UP),
                ReplaceBench::run);
    }

    private static Proof run(ParseResult options, CrowflyCommand crowfly, Programs programs, PrintWriter progress)
            throws IOException, InterruptedException {
        try (RunFolder folder = RunFolder.create("replace");
                Children children = new Children(programs)) {
            ReplaceTestBed testBed = ReplaceTestBed.start(folder.path(), children, crowfly);
            ReplaceBench bench = new ReplaceBench(testBed, progress);
            bench.run(options);
            return new Proof(
                    "Replaced processes, reloads and new certificates under load",
                    METHOD,
                    Machine.facts(),
                    bench.claims,
                    bench.ttft);
        }
    }

    private void run(ParseResult options) throws IOException, InterruptedException {
        TokenStreams streams = new TokenStreams(testBed.port(), "chat");
        Handshakes handshakes =
                new Handshakes(testBed.tlsPort(), testBed.authority().certificate());
        try (WebSockets sockets = new WebSockets(testBed.port(), testBed.socketsPort())) {
            TimeUnit.SECONDS.sleep(3); // until probes have found the backends
            List<Clients> load = List.of(
                    new Clients("token streams", STREAM_CLIENTS, streams),
                    new Clients("token streams of six seconds", LONG_CLIENTS, new TokenStreams(testBed.port(), "long")),
                    new Clients("WebSocket sessions of three seconds", SOCKET_CLIENTS, sockets),
                    new Clients("kept connections", KEPT_CLIENTS, new KeptConnection(testBed.port())),
                    new Clients("TLS handshakes", HANDSHAKE_CLIENTS, handshakes));
            try {
                TimeUnit.SECONDS.sleep(ProofCommand.value(options, WARM_UP));
                replace(ProofCommand.value(options, REPLACEMENTS), ProofCommand.value(options, SECONDS), streams);
                reload(ProofCommand.value(options, RELOADS));
                rotate(ProofCommand.value(options, ROTATIONS), handshakes);
            } finally {
                for (Clients clients : load) {
                    clients.close();
                }
            }
            for (Clients clients : load) {
                claims.add(Claim.zero(
                        "failed %s, of %,d".formatted(clients.name(), clients.completed() + clients.failed()),
                        clients.failed()));
                clients.reasons().stream().limit(PRINTED).forEach(progress::println);
            }
            progress.flush();
        }
    }

    private void replace(int count, int seconds, TokenStreams streams) throws IOException, InterruptedException {
        int ended = 0;
        long beforeNanos = System.nanoTime();
        TimeUnit.SECONDS.sleep(seconds);
        for (int i = 0; i < count; i++) {
            long startNanos = System.nanoTime();
            Child old = testBed.replace();
            if (i == 0) {
                long readyNanos = System.nanoTime();
                TimeUnit.SECONDS.sleep(seconds);
                compare(
                        streams.meanTtft(beforeNanos, startNanos),
                        streams.meanTtft(readyNanos, readyNanos + TimeUnit.SECONDS.toNanos(seconds)));
            }
            ended += ReplaceTestBed.endsWell(old) ? 1 : 0;
            progress.printf("replacement %d of %d%n", i + 1, count);
            progress.flush();
        }
        claims.add(0, Claim.equal("old processes that drained and ended with 0", count, ended));
    }

    private void compare(TokenStreams.Mean before, TokenStreams.Mean after) {
        double difference = 100 * Math.abs(after.millis() / before.millis() - 1);
        claims.add(Claim.within(
                "mean time to the first token: difference between the old and the new process",
                MAX_DIFFERENCE,
                difference,
                " %"));
        ttft = "Mean time to the first token: %.1f ms at the old process (%,d streams), %.1f ms at the new one (%,d).%n"
                .formatted(before.millis(), before.samples(), after.millis(), after.samples());
    }

    private void reload(int count) throws IOException {
        int successful = 0;
        for (int i = 1; i <= count; i++) {
            successful += testBed.reload(i) ? 1 : 0;
        }
        claims.add(Claim.equal("successful reloads", count, successful));
    }

    private void rotate(int count, Handshakes handshakes) throws IOException, InterruptedException {
        double slowest = 0;
        for (int i = 0; i < count; i++) {
            X509Certificate next =
                    certificate(testBed.authority().issueForLoopback().certificate());
            long startNanos = System.nanoTime();
            while (!handshakes.serves(next) && seconds(startNanos) < 2 * MAX_ROTATION_SECONDS) {
                Thread.sleep(1);
            }
            slowest = Math.max(slowest, seconds(startNanos));
        }
        claims.add(Claim.within(
                "longest time until one of %d new certificates was served".formatted(count),
                MAX_ROTATION_SECONDS,
                slowest,
                " s"));
    }

    private static double seconds(long sinceNanos) {
        return (System.nanoTime() - sinceNanos) / 1e9;
    }

    private static X509Certificate certificate(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        } catch (CertificateException e) {
            throw new IOException(e);
        }
    }

    private static final String METHOD = """
            Clients read token streams on new connections, token streams of six seconds, exchange messages on WebSockets for
            three seconds, send requests on kept connections, and make full TLS handshakes, all without a pause. Meanwhile
            the process is replaced with `crowfly run FILE --take-over ADMIN`, then the conf is reloaded, then the
            certificate is replaced on disk. Each replacement begins when the process before has ended. A stream or a
            session that does not reach its end has failed. The mean time to the first token is that of the token streams
            in the seconds before the first replacement begins, and after the new process has taken over; the times of the
            two simulated endpoints are log-normal.
            """;
}

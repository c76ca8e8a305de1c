package io.crowfly.bench.choose;

import io.crowfly.bench.choose.SimulatedBackend.Cloud;
import io.crowfly.bench.policies.policy.Policies;
import io.crowfly.bench.policies.report.Figures;
import io.crowfly.bench.policies.scenario.Scenario;
import io.crowfly.bench.policies.scenario.ScenarioException;
import io.crowfly.bench.policies.scenario.Scenarios;
import io.crowfly.bench.policies.scenario.SimulatedLoadCurve;
import io.crowfly.bench.policies.simulation.Simulation;
import io.crowfly.bench.policies.simulation.Workload;
import io.crowfly.bench.proof.Claim;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Part of {@code bench choose}: backends whose latency grows with the requests in flight there, under a steady rate
 * that overfills the best one, and under bursts. The policy simulator runs the same scenario, so that each figure
 * stands beside the simulated one and beside that of the simulator's oracle.
 */
final class OwnLoadMeasurement {

    private static final int TOKENS = 40;
    private static final Duration BETWEEN_TOKENS = Duration.ofMillis(22);

    private static final int WARM_UP_SECONDS = 20;

    private static final int BURST = 200;
    private static final int BURST_INTERVAL_SECONDS = 10;

    /** A burst is sent in this number of steps. */
    private static final int BURST_STEPS = 20;

    private static final long BURST_STEP_MILLIS = 25;

    /** Seeds of the simulated runs, whose figures are averaged. */
    private static final int SEEDS = 5;

    /** Required maximum of the mean time to the first token, divided by the simulated one. */
    private static final double MAX_RATIO = 1.10;

    private static final double NANOS_PER_MILLI = 1e6;

    private static final List<Load> LOADS = List.of(
            new Load("steady", 80, "{kind: poisson, rate: 80}"),
            new Load("bursts", 30, "{kind: bursts, rate: 30, every: 10s, size: 200, within: 500ms}"));

    private static final List<LoadedBackend> BACKENDS = List.of(
            new LoadedBackend("first", 300, 90, 36, 3),
            new LoadedBackend("second", 440, 160, 80, 2.5),
            new LoadedBackend("third", 560, 160, 80, 2.5));

    /** Arrivals of requests: their rate without bursts, and their line in a scenario file. */
    private record Load(String name, int perSecond, String arrivals) {}

    /** A backend and its load curve; see {@link SimulatedLoadCurve}. */
    private record LoadedBackend(String name, int firstTokenMillis, int capacity, int knee, double factorAtCapacity) {

        SimulatedBackend simulated() {
            SimulatedLoadCurve curve = new SimulatedLoadCurve(capacity, knee, factorAtCapacity, Double.MAX_VALUE, 0);
            return SimulatedBackend.create(name, Cloud.OPENAI, firstTokenMillis)
                    .withLoad(TOKENS, BETWEEN_TOKENS, inFlight -> curve.factor((int) inFlight));
        }

        String scenarioLines() {
            return """
                      - name: %s
                        provider: openai
                        region: bench
                        rtt: 1ms
                        jitter: 0%%
                        first-token: {chat: %dms}
                        load: {capacity: %d, knee: %.1f%%, factor-at-capacity: %s, limit: 100000, retry-after: 1s}
                    """.formatted(name, firstTokenMillis, capacity, 100.0 * knee / capacity, factorAtCapacity);
        }
    }

    /** Times to the first token in milliseconds. */
    private record Times(double mean, double p99) {}

    private OwnLoadMeasurement() {}

    /** @param seconds length of each run, with a warm-up that does not count */
    static PartResult measure(ChooseTestBed.BalancerStarter starter, Path folder, int seconds, PrintWriter progress)
            throws IOException, InterruptedException {
        List<Claim> claims = new ArrayList<>();
        StringBuilder figures = new StringBuilder("""
                Own load: the latency of each backend grows with the requests in flight there. Times to the first token in ms,
                mean and 99th percentile; simulated ones are means of %d runs.

                | arrivals | measured | simulated | simulated oracle | shares in percent | simulated shares |
                |---|--:|--:|--:|---|---|
                """.formatted(SEEDS));
        for (Load load : LOADS) {
            Path own = Files.createDirectories(folder.resolve(load.name()));
            measure(starter, own, load, seconds, claims, figures);
            progress.println("load: " + load.name());
            progress.flush();
        }
        return new PartResult(claims, figures.toString());
    }

    private static void measure(
            ChooseTestBed.BalancerStarter starter,
            Path folder,
            Load load,
            int seconds,
            List<Claim> claims,
            StringBuilder figures)
            throws IOException, InterruptedException {
        List<Figures> ours = new ArrayList<>();
        List<Figures> oracle = new ArrayList<>();
        Scenario scenario = scenario(folder, load, seconds);
        for (int seed = 1; seed <= SEEDS; seed++) {
            Scenario seeded = scenario.withSeed(seed);
            Workload workload = Workload.of(seeded);
            ours.add(simulate(seeded, workload, Policies.OURS));
            oracle.add(simulate(seeded, workload, Policies.ORACLE));
        }
        List<CallResult> calls = run(starter, folder, load, seconds);
        Times measured = times(calls);
        double simulated = mean(ours).mean();
        claims.add(Claim.within(
                "load, %s: mean to the first token, of the simulated one".formatted(load.name()),
                MAX_RATIO,
                measured.mean() / simulated,
                ""));
        claims.add(Claim.zero(
                "load, %s: failed requests of %,d".formatted(load.name(), calls.size()),
                calls.stream().filter(call -> !call.succeeded()).count()));
        figures.append(String.format(
                Locale.ROOT,
                "| %s | %s | %s | %s | %s | %s |%n",
                load.name(),
                text(measured),
                text(mean(ours)),
                text(mean(oracle)),
                BACKENDS.stream()
                        .map(backend -> percent(CallResult.share(calls, backend.name())))
                        .collect(Collectors.joining(" ")),
                IntStream.range(0, BACKENDS.size())
                        .mapToObj(backend -> percent(ours.stream()
                                .mapToDouble(run -> run.share()[backend])
                                .average()
                                .orElse(0)))
                        .collect(Collectors.joining(" "))));
    }

    private static Scenario scenario(Path folder, Load load, int seconds) throws IOException {
        String yaml = """
                description: Backends whose latency grows with their load
                weather: own-load
                seed: 1
                duration: %ds
                warm-up: %ds
                edges:
                  - {name: edge}
                probes: {interval: 1s, timeout: 800ms}
                models:
                  chat: {sigma: 0.35, between-tokens: %dms}
                backends:
                %srequests:
                  - {model: chat, streamed: 100%%, prompt-tokens: {median: 10}, output-tokens: {median: %d}}
                arrivals: %s
                """.formatted(
                        seconds,
                        WARM_UP_SECONDS,
                        BETWEEN_TOKENS.toMillis(),
                        BACKENDS.stream().map(LoadedBackend::scenarioLines).collect(Collectors.joining()),
                        TOKENS,
                        load.arrivals());
        try {
            return Scenarios.find(
                    Files.writeString(folder.resolve("scenario.yaml"), yaml).toString());
        } catch (ScenarioException e) {
            throw new IllegalStateException("the scenario of this benchmark is invalid", e);
        }
    }

    private static Figures simulate(Scenario scenario, Workload workload, String policy) {
        return Figures.of(
                Simulation.run(scenario, workload, Policies.find(policy).orElseThrow()));
    }

    private static List<CallResult> run(ChooseTestBed.BalancerStarter starter, Path folder, Load load, int seconds)
            throws IOException, InterruptedException {
        List<SimulatedBackend> backends =
                BACKENDS.stream().map(LoadedBackend::simulated).toList();
        try (ChooseTestBed setting =
                ChooseTestBed.open(starter, folder, backends, "probes: {http: {path: /health}}\n")) {
            long start = System.nanoTime();
            long counted = start + TimeUnit.SECONDS.toNanos(WARM_UP_SECONDS);
            PoissonTraffic traffic = new PoissonTraffic(
                    setting.clients(), load.perSecond(), () -> ClientRequest.streamedChatWith("chat"));
            if (load.name().equals("bursts")) {
                for (int second = 0; second < seconds; second += BURST_INTERVAL_SECONDS) {
                    sleepUntil(start + TimeUnit.SECONDS.toNanos(second));
                    for (int step = 0; step < BURST_STEPS; step++) {
                        traffic.burst(BURST / BURST_STEPS);
                        TimeUnit.MILLISECONDS.sleep(BURST_STEP_MILLIS);
                    }
                }
            }
            sleepUntil(start + TimeUnit.SECONDS.toNanos(seconds));
            long end = System.nanoTime();
            traffic.stop();
            return traffic.results(counted, end);
        }
    }

    private static void sleepUntil(long nanos) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(nanos - System.nanoTime());
    }

    private static Times times(List<CallResult> calls) {
        double[] sorted = calls.stream()
                .filter(CallResult::succeeded)
                .mapToDouble(call -> call.headNanos() / NANOS_PER_MILLI)
                .sorted()
                .toArray();
        int p99 = Math.max(0, (int) Math.ceil(0.99 * sorted.length) - 1);
        return new Times(Arrays.stream(sorted).average().orElse(Double.NaN), sorted.length == 0 ? 0 : sorted[p99]);
    }

    private static Times mean(List<Figures> runs) {
        return new Times(
                runs.stream().mapToDouble(Figures::meanNanos).average().orElse(0) / NANOS_PER_MILLI,
                runs.stream().mapToDouble(Figures::p99Nanos).average().orElse(0) / NANOS_PER_MILLI);
    }

    private static String text(Times times) {
        return String.format(Locale.ROOT, "%.0f, %.0f", times.mean(), times.p99());
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.0f", 100 * share);
    }
}

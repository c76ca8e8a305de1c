package io.crowfly.bench.choose;

import io.crowfly.bench.choose.ChooseTestBed.ReceivedAttempt;
import io.crowfly.bench.choose.SimulatedBackend.Cloud;
import io.crowfly.bench.endpoint.behaviour.Behaviour;
import io.crowfly.bench.endpoint.behaviour.ModelBehaviour;
import io.crowfly.bench.endpoint.behaviour.ModelBehaviour.Fault;
import io.crowfly.bench.load.AdminClient;
import io.crowfly.bench.proof.Claim;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Part of {@code bench choose}: each of four backends fails five of twenty models, in three ways one after the other.
 * These are the models that the backend serves faster than the others do, so the faults affect nearly all requests at
 * first. Each model still works at three backends, so clients should hardly notice.
 */
final class FailingModelsMeasurement {

    private static final int BACKENDS = 4;
    private static final int MODELS = 20;
    private static final int FAILING_PER_BACKEND = MODELS / BACKENDS;
    private static final int PER_SECOND = 200;
    private static final long FIRST_TOKEN_MILLIS = 120;

    /** Factor on the time to the first token of a model at the backend that serves it fastest. */
    private static final double FASTEST_FACTOR = 0.6;

    private static final List<Fault> FAULTS = List.of(Fault.STATUS_500, Fault.ERROR_EVENT, Fault.SILENCE);
    private static final int WARM_UP_SECONDS = 8;
    private static final int FAULT_SECONDS = 12;

    /** Limit of the time from the end of a fault until the recovery. */
    private static final int MAX_RECOVERY_SECONDS = 15;

    /** Part of their share before the fault that the fastest backends must have after the recovery. */
    private static final double RECOVERED_PART = 0.9;

    /** Time over which shares are measured. */
    private static final long SHARE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final int BEGINNING_SECONDS = 2;
    private static final int SETTLED_SECONDS = 10;
    private static final double MIN_SERVED_AT_BEGINNING = 0.995;
    private static final double MIN_SERVED_LATER = 0.999;
    private static final double MAX_ATTEMPTS_PER_REQUEST = 1.05;
    private static final long POLL_MILLIS = 100;

    private final ChooseTestBed setting;
    private final PrintWriter progress;
    private final List<Claim> claims = new ArrayList<>();
    private final StringBuilder figures = new StringBuilder("""
            Failing models: each of 4 backends fails the 5 of 20 models that it serves fastest, 200 requests a second.

            | fault | served, first 2 s | served later | attempts per request after 10 s | slowest, first 2 s | p99 later | recovered after | requests at the fastest backends: before | after the recovery |
            |---|--:|--:|--:|--:|--:|--:|--:|--:|
            """);

    private FailingModelsMeasurement(ChooseTestBed setting, PrintWriter progress) {
        this.setting = setting;
        this.progress = progress;
    }

    static PartResult measure(ChooseTestBed.BalancerStarter starter, Path folder, PrintWriter progress)
            throws IOException, InterruptedException {
        List<String> models = IntStream.range(0, MODELS)
                .mapToObj(FailingModelsMeasurement::model)
                .toList();
        List<SimulatedBackend> backends = IntStream.range(0, BACKENDS)
                .mapToObj(i -> SimulatedBackend.create(backend(i), Cloud.OPENAI, FIRST_TOKEN_MILLIS)
                        .withModels(models))
                .toList();
        try (ChooseTestBed setting =
                ChooseTestBed.open(starter, folder, backends, "probes: {http: {path: /health}}\n")) {
            return new FailingModelsMeasurement(setting, progress).run();
        }
    }

    private static String model(int number) {
        return String.format(Locale.ROOT, "model-%02d", number);
    }

    private static String backend(int number) {
        return "backend-" + number;
    }

    /** Returns the backend that serves the model fastest, and fails it during a fault. */
    private static String fastestBackend(String model) {
        int number = Integer.parseInt(model.substring(model.indexOf('-') + 1));
        return backend(number / FAILING_PER_BACKEND);
    }

    private PartResult run() throws IOException, InterruptedException {
        setFault(Fault.NONE);
        Random random = new Random(1);
        PoissonTraffic traffic = new PoissonTraffic(
                setting.clients(), PER_SECOND, () -> ClientRequest.streamedChatWith(model(random.nextInt(MODELS))));
        TimeUnit.SECONDS.sleep(WARM_UP_SECONDS);
        List<Phase> phases = new ArrayList<>();
        for (Fault fault : FAULTS) {
            phases.add(measure(fault));
            progress.printf("models: %s, over%n", name(fault));
            progress.flush();
        }
        long unanswered = traffic.stop();
        setting.printFailures(progress);
        long ejectedBackends = 0;
        for (Phase phase : phases) {
            report(phase, traffic);
            ejectedBackends += phase.ejectedBackends();
        }
        claims.add(Claim.zero("failing models: whole backends that were ejected", ejectedBackends));
        claims.add(Claim.zero("failing models: requests without any response", unanswered));
        return new PartResult(claims, figures.toString());
    }

    private static String name(Fault fault) {
        return fault.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private void setFault(Fault fault) {
        for (int i = 0; i < BACKENDS; i++) {
            String backend = backend(i);
            Map<String, ModelBehaviour> fastest = IntStream.range(0, MODELS)
                    .mapToObj(FailingModelsMeasurement::model)
                    .filter(model -> fastestBackend(model).equals(backend))
                    .collect(Collectors.toMap(model -> model, model -> new ModelBehaviour(FASTEST_FACTOR, fault)));
            Behaviour behaviour = setting.normalBehaviour(backend).withModels(fastest);
            setting.setBehaviour(backend, behaviour);
        }
    }

    /**
     * A fault and the time after it, in the time of {@link System#nanoTime}.
     *
     * @param recoveredNanos when the last ejection of a model had ended and the fastest backends had their requests
     *     again; {@link Long#MAX_VALUE} if that did not happen in time
     * @param ejectedBackends number of backends that were seen ejected as a whole
     */
    private record Phase(Fault fault, long fromNanos, long toNanos, long recoveredNanos, long ejectedBackends) {

        double recoverySeconds() {
            return recoveredNanos == Long.MAX_VALUE ? Double.POSITIVE_INFINITY : (recoveredNanos - toNanos) / 1e9;
        }
    }

    private Phase measure(Fault fault) throws IOException, InterruptedException {
        long from = System.nanoTime();
        double shareBefore = shareOfFastest(from - SHARE_NANOS, from);
        setFault(fault);
        AdminClient admin = setting.admin();
        long ejected = 0;
        while (System.nanoTime() - from < TimeUnit.SECONDS.toNanos(FAULT_SECONDS)) {
            ejected = Math.max(ejected, admin.ejectedBackends());
            Thread.sleep(POLL_MILLIS);
        }
        setFault(Fault.NONE);
        long to = System.nanoTime();
        long recovered = Long.MAX_VALUE;
        while (System.nanoTime() - to < TimeUnit.SECONDS.toNanos(MAX_RECOVERY_SECONDS)) {
            ejected = Math.max(ejected, admin.ejectedBackends());
            long now = System.nanoTime();
            boolean isRecovered = admin.ejectedModels() == 0
                    && shareOfFastest(now - SHARE_NANOS, now) >= RECOVERED_PART * shareBefore;
            if (isRecovered && recovered == Long.MAX_VALUE) {
                recovered = now;
            } else if (admin.ejectedModels() > 0) {
                recovered = Long.MAX_VALUE;
            }
            Thread.sleep(POLL_MILLIS);
        }
        return new Phase(fault, from, to, recovered, ejected);
    }

    /** Returns the share of the attempts in a time range that were at the fastest backends for their models. */
    private double shareOfFastest(long fromNanos, long toNanos) {
        List<ReceivedAttempt> attempts = setting.attempts(fromNanos, toNanos);
        long fastest = attempts.stream()
                .filter(attempt -> attempt.backend().equals(fastestBackend(attempt.kind())))
                .count();
        return (double) fastest / Math.max(1, attempts.size());
    }

    private void report(Phase phase, PoissonTraffic traffic) {
        long beginningEnd = phase.fromNanos() + TimeUnit.SECONDS.toNanos(BEGINNING_SECONDS);
        long settled = phase.fromNanos() + TimeUnit.SECONDS.toNanos(SETTLED_SECONDS);
        List<CallResult> beginning = traffic.results(phase.fromNanos(), beginningEnd);
        List<CallResult> later = traffic.results(beginningEnd, phase.toNanos());
        double attempts = (double) setting.attempts(settled, phase.toNanos()).size()
                / Math.max(1, traffic.results(settled, phase.toNanos()).size());
        String prefix = "failing models, " + name(phase.fault()) + ": ";
        claims.add(Claim.atLeast(prefix + "served in the first 2 s", MIN_SERVED_AT_BEGINNING, served(beginning)));
        claims.add(Claim.atLeast(prefix + "served later", MIN_SERVED_LATER, served(later)));
        claims.add(Claim.within(prefix + "attempts per request after 10 s", MAX_ATTEMPTS_PER_REQUEST, attempts, ""));
        claims.add(Claim.within(prefix + "recovery", MAX_RECOVERY_SECONDS, phase.recoverySeconds(), " s"));
        long end = phase.toNanos() + TimeUnit.SECONDS.toNanos(MAX_RECOVERY_SECONDS);
        figures.append(String.format(
                Locale.ROOT,
                "| %s | %.2f%% of %,d | %.2f%% of %,d | %.3f | %.2f s | %.2f s | %.1f s | %.0f%% | %.0f%% |%n",
                name(phase.fault()),
                100 * served(beginning),
                beginning.size(),
                100 * served(later),
                later.size(),
                attempts,
                quantileSeconds(beginning, 1),
                quantileSeconds(later, 0.99),
                phase.recoverySeconds(),
                100 * shareOfFastest(phase.fromNanos() - SHARE_NANOS, phase.fromNanos()),
                100 * shareOfFastest(end - SHARE_NANOS, end)));
    }

    private static double served(List<CallResult> calls) {
        return (double) calls.stream().filter(CallResult::succeeded).count() / Math.max(1, calls.size());
    }

    private static double quantileSeconds(List<CallResult> calls, double quantile) {
        long[] nanos = calls.stream()
                .mapToLong(call -> call.endedNanos() - call.sentNanos())
                .sorted()
                .toArray();
        return nanos.length == 0 ? 0 : nanos[(int) Math.min(nanos.length - 1, quantile * nanos.length)] / 1e9;
    }
}

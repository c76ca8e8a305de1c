package io.crowfly.bench.choose;

import io.crowfly.bench.choose.ChooseTestBed.ReceivedAttempt;
import io.crowfly.bench.choose.SimulatedBackend.Cloud;
import io.crowfly.bench.endpoint.behaviour.Behaviour;
import io.crowfly.bench.endpoint.behaviour.Delay;
import io.crowfly.bench.endpoint.behaviour.Faults;
import io.crowfly.bench.endpoint.behaviour.Outage;
import io.crowfly.bench.proof.Claim;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * Part of {@code bench choose}: checks that requests stay within their routing rules during outages, retries and
 * hedges. Each request carries its kind and a number. The proof is the attempts that the endpoints received, including
 * failed attempts and cancelled hedges.
 */
final class RoutingRulesMeasurement {

    private static final Map<String, String> EU = Map.of("zone", "eu", "stage", "stable");
    private static final Map<String, String> US = Map.of("zone", "us", "stage", "stable");
    private static final String CANARY = "canary";

    private static final List<SimulatedBackend> BACKENDS = List.of(
            SimulatedBackend.create("azure-eu", Cloud.AZURE, 15).withLabels(EU),
            SimulatedBackend.create("azure-us", Cloud.AZURE, 20).withLabels(US),
            SimulatedBackend.create("google-eu", Cloud.GOOGLE, 18).withLabels(EU),
            SimulatedBackend.create("google-us", Cloud.GOOGLE, 22).withLabels(US),
            SimulatedBackend.create(CANARY, Cloud.OPENAI, 10).withLabels(Map.of("zone", "us", "stage", "new")));

    private static final String CONF = """
            probes: {interval: 200ms, http: {path: /health}}
            timeouts: {first-byte: 5s}
            routing:
              hedge: {budget: 10%}
              rules:
                - name: stays-in-the-eu
                  when: {header: {x-data-zone: eu}}
                  only: {labels: {zone: eu, stage: stable}}
                - name: only-azure-offers-it
                  when: {path: /v1/embeddings}
                  only: {provider: azure}
                - name: canary
                  when: {model: gpt-4o*}
                  share: 5%
                  only: {backends: [canary]}
                - name: everything-else
                  when: {path: /*}
                  only: {labels: {stage: stable}}
            """;

    private static final double CANARY_SHARE = 0.05;

    /** Returns by how much the canary's share may differ from its rule: four standard deviations of a random share. */
    private static double canarySlack(long requests) {
        return 4 * Math.sqrt(CANARY_SHARE * (1 - CANARY_SHARE) / Math.max(1, requests));
    }

    /** Backends that each kind of request may reach. A chat must not reach both the canary and another backend. */
    private static final Map<String, Set<String>> ALLOWED = Map.of(
            "eu-chat", Set.of("azure-eu", "google-eu"),
            "eu-embedding", Set.of("azure-eu"),
            "embedding", Set.of("azure-eu", "azure-us"),
            "chat", Set.of("azure-eu", "azure-us", "google-eu", "google-us", CANARY));

    private static final Map<String, String> EU_HEADER = Map.of("x-data-zone", "eu");
    private static final List<ClientRequest> REQUESTS = List.of(
            ClientRequest.chat("eu-chat", true, EU_HEADER),
            ClientRequest.chat("eu-chat", false, EU_HEADER),
            ClientRequest.embedding("eu-embedding", EU_HEADER),
            ClientRequest.embedding("embedding", Map.of()),
            ClientRequest.embedding("embedding", Map.of()),
            ClientRequest.streamedChat("chat"),
            ClientRequest.streamedChat("chat"),
            ClientRequest.chat("chat", false, Map.of()),
            ClientRequest.chat("chat", false, Map.of()),
            ClientRequest.chat("chat", false, Map.of()));

    private static final long SEED = 1;

    /**
     * Disturbance of some backends: a change of their behaviour for some seconds. Each disturbance ends before the next
     * one begins.
     */
    private record Disturbance(String description, List<String> backends, UnaryOperator<Behaviour> change) {}

    private static final List<Disturbance> DISTURBANCES = List.of(
            new Disturbance("calm", List.of(), usual -> usual),
            new Disturbance("refuses", List.of("azure-eu"), usual -> usual.withOutage(Outage.REFUSE)),
            new Disturbance("three in ten are 500", List.of("google-eu"), failing(0.3, 500)),
            new Disturbance("hangs", List.of("azure-us"), usual -> usual.withOutage(Outage.HANG)),
            new Disturbance("refuse", List.of("azure-eu", "google-eu"), usual -> usual.withOutage(Outage.REFUSE)),
            new Disturbance("refuses", List.of(CANARY), usual -> usual.withOutage(Outage.REFUSE)),
            new Disturbance("429", List.of("azure-eu", "azure-us"), failing(1, 429)),
            new Disturbance(
                    "sometimes slow",
                    List.of("azure-eu", "azure-us", "google-eu", "google-us", CANARY),
                    RoutingRulesMeasurement::withWideSpread),
            new Disturbance("half are 503", List.of("azure-us", "google-us"), failing(0.5, 503)),
            new Disturbance("calm", List.of(), usual -> usual));

    private static UnaryOperator<Behaviour> failing(double share, int status) {
        return usual -> usual.withFaults(new Faults.Share(share, status, SEED));
    }

    /** Returns a behaviour with widely spread times to the first token, so that the balancer sends hedges. */
    private static Behaviour withWideSpread(Behaviour usual) {
        Delay.LogNormal time = (Delay.LogNormal) usual.firstToken();
        return usual.withFirstToken(new Delay.LogNormal(time.median(), 1.2, time.seed()));
    }

    /** Time range of one disturbance, in the time of {@link System#nanoTime}. */
    private record Step(Disturbance disturbance, long fromNanos, long toNanos) {

        boolean contains(long nanos) {
            return nanos - fromNanos >= 0 && nanos - toNanos < 0;
        }
    }

    private final ChooseTestBed setting;
    private final PrintWriter progress;
    private final List<Step> steps = new ArrayList<>();

    private RoutingRulesMeasurement(ChooseTestBed setting, PrintWriter progress) {
        this.setting = setting;
        this.progress = progress;
    }

    static PartResult measure(
            ChooseTestBed.BalancerStarter starter, Path folder, int requests, double perSecond, PrintWriter progress)
            throws IOException, InterruptedException {
        try (ChooseTestBed setting = ChooseTestBed.open(starter, folder, BACKENDS, CONF)) {
            return new RoutingRulesMeasurement(setting, progress).run(requests, perSecond);
        }
    }

    private PartResult run(int requests, double perSecond) throws IOException, InterruptedException {
        Random random = new Random(SEED);
        PoissonTraffic traffic =
                new PoissonTraffic(setting.clients(), perSecond, () -> REQUESTS.get(random.nextInt(REQUESTS.size())));
        for (Disturbance disturbance : DISTURBANCES) {
            long from = System.nanoTime();
            disturbance
                    .backends()
                    .forEach(place ->
                            setting.setBehaviour(place, disturbance.change().apply(setting.normalBehaviour(place))));
            while (traffic.sent() < (long) requests * (steps.size() + 1) / DISTURBANCES.size()) {
                Thread.sleep(5);
            }
            disturbance.backends().forEach(setting::restoreBehaviour);
            steps.add(new Step(disturbance, from, System.nanoTime()));
            progress.printf("rules: %,d requests%n", traffic.sent());
            progress.flush();
        }
        long withoutResponse = traffic.stop();
        return result(traffic.results(), withoutResponse, setting.attempts(), setting.accessLog());
    }

    private PartResult result(
            List<CallResult> calls, long withoutResponse, List<ReceivedAttempt> attempts, BalancerAccessLog log) {
        long outsideRule = attempts.stream()
                .filter(attempt ->
                        !ALLOWED.getOrDefault(attempt.kind(), Set.of()).contains(attempt.backend()))
                .count();
        Set<String> canary = chatIds(attempts, CANARY::equals);
        Set<String> others = chatIds(attempts, place -> !place.equals(CANARY));
        long both = canary.stream().filter(others::contains).count();
        List<ReceivedAttempt> whileCanaryUp = attempts.stream()
                .filter(attempt -> steps.stream()
                        .noneMatch(step -> step.disturbance().backends().equals(List.of(CANARY))
                                && step.contains(attempt.nanos())))
                .toList();
        long canaryChats = chatIds(whileCanaryUp, CANARY::equals).size();
        long allChats = chatIds(whileCanaryUp, place -> true).size();
        double canaryShare = (double) canaryChats / Math.max(1, allChats);
        return new PartResult(
                List.of(
                        Claim.zero(
                                "rules: attempts outside their request's rule, of %,d".formatted(attempts.size()),
                                outsideRule),
                        Claim.zero("rules: chats received both by the canary and by another backend", both),
                        new Claim(
                                "rules: the canary's share of chats while it was reachable",
                                "5%",
                                String.format(Locale.ROOT, "%.2f%%", canaryShare * 100),
                                Math.abs(canaryShare - CANARY_SHARE) <= canarySlack(allChats)),
                        Claim.zero(
                                "rules: requests without a response, of %,d".formatted(calls.size()), withoutResponse),
                        new Claim(
                                "rules: hedged requests (some, so that hedging is tested)",
                                "some",
                                Long.toString(log.countHedged()),
                                log.countHedged() > 0)),
                figures(calls, attempts.size(), log));
    }

    private static Set<String> chatIds(List<ReceivedAttempt> attempts, Predicate<String> place) {
        return attempts.stream()
                .filter(attempt -> attempt.kind().equals("chat") && place.test(attempt.backend()))
                .map(ReceivedAttempt::id)
                .collect(Collectors.toSet());
    }

    private String figures(List<CallResult> calls, long attempts, BalancerAccessLog log) {
        StringBuilder table = new StringBuilder(String.format(
                Locale.ROOT,
                "Rules: %,d requests took %,d attempts at endpoints; %,d requests took more than one, %,d of them by"
                        + " hedging. If every backend of a rule is unreachable, an error is the right response.%n%n"
                        + "| backends | disturbance | requests | succeeded | other statuses |%n|---|---|--:|--:|---|%n",
                calls.size(),
                attempts,
                log.retried().size(),
                log.countHedged()));
        for (Step step : steps) {
            List<CallResult> during = calls.stream()
                    .filter(call -> step.contains(call.sentNanos()))
                    .toList();
            Map<String, Long> others = during.stream()
                    .filter(call -> !call.succeeded())
                    .collect(Collectors.groupingBy(
                            call -> call.request().kind() + " " + call.status(), TreeMap::new, Collectors.counting()));
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %,d | %,d | %s |%n",
                    String.join(", ", step.disturbance().backends()),
                    step.disturbance().description(),
                    during.size(),
                    during.stream().filter(CallResult::succeeded).count(),
                    others.isEmpty() ? "" : others));
        }
        return table.toString();
    }
}

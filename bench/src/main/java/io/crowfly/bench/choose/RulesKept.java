package io.crowfly.bench.choose;

import io.crowfly.bench.choose.Place.Cloud;
import io.crowfly.bench.choose.Setting.Sighting;
import io.crowfly.bench.endpoint.Behaviour;
import io.crowfly.bench.endpoint.Delay;
import io.crowfly.bench.endpoint.Faults;
import io.crowfly.bench.endpoint.Outage;
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
 * Requests under rules, through outages, retries and hedges. Each carries its kind and a number of its own, and what proves
 * that it stayed within its rule is what the endpoints have seen of it: attempts that failed and losers of hedges too.
 */
final class RulesKept {

    private static final Map<String, String> EU = Map.of("zone", "eu", "stage", "stable");
    private static final Map<String, String> US = Map.of("zone", "us", "stage", "stable");
    private static final String CANARY = "canary";

    private static final List<Place> PLACES = List.of(
            Place.of("azure-eu", Cloud.AZURE, 15).withLabels(EU),
            Place.of("azure-us", Cloud.AZURE, 20).withLabels(US),
            Place.of("google-eu", Cloud.GOOGLE, 18).withLabels(EU),
            Place.of("google-us", Cloud.GOOGLE, 22).withLabels(US),
            Place.of(CANARY, Cloud.OPENAI, 10).withLabels(Map.of("zone", "us", "stage", "new")));

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

    /** Of the canary's share: four standard deviations for some tens of thousands of requests, and more for a few hundred. */
    private static double canarySlack(long requests) {
        return 4 * Math.sqrt(CANARY_SHARE * (1 - CANARY_SHARE) / Math.max(1, requests));
    }

    /** Where each kind of request may be seen. A chat may go to the canary or to the others, but not to both. */
    private static final Map<String, Set<String>> ALLOWED = Map.of(
            "eu-chat", Set.of("azure-eu", "google-eu"),
            "eu-embedding", Set.of("azure-eu"),
            "embedding", Set.of("azure-eu", "azure-us"),
            "chat", Set.of("azure-eu", "azure-us", "google-eu", "google-us", CANARY));

    private static final Map<String, String> EU_HEADER = Map.of("x-data-zone", "eu");
    private static final List<Ask> ASKS = List.of(
            Ask.chat("eu-chat", true, EU_HEADER),
            Ask.chat("eu-chat", false, EU_HEADER),
            Ask.embedding("eu-embedding", EU_HEADER),
            Ask.embedding("embedding", Map.of()),
            Ask.embedding("embedding", Map.of()),
            Ask.streamedChat("chat"),
            Ask.streamedChat("chat"),
            Ask.chat("chat", false, Map.of()),
            Ask.chat("chat", false, Map.of()),
            Ask.chat("chat", false, Map.of()));

    private static final long SEED = 1;

    /** A trouble that some backends have, one after the other. */
    private record Trouble(String what, List<String> places, UnaryOperator<Behaviour> change) {}

    private static final List<Trouble> TROUBLES = List.of(
            new Trouble("calm", List.of(), usual -> usual),
            new Trouble("refuses", List.of("azure-eu"), usual -> usual.withOutage(Outage.REFUSE)),
            new Trouble("three in ten are 500", List.of("google-eu"), failing(0.3, 500)),
            new Trouble("hangs", List.of("azure-us"), usual -> usual.withOutage(Outage.HANG)),
            new Trouble("refuse", List.of("azure-eu", "google-eu"), usual -> usual.withOutage(Outage.REFUSE)),
            new Trouble("refuses", List.of(CANARY), usual -> usual.withOutage(Outage.REFUSE)),
            new Trouble("429", List.of("azure-eu", "azure-us"), failing(1, 429)),
            new Trouble(
                    "are slow now and then",
                    List.of("azure-eu", "azure-us", "google-eu", "google-us", CANARY),
                    RulesKept::wide),
            new Trouble("half are 503", List.of("azure-us", "google-us"), failing(0.5, 503)),
            new Trouble("calm", List.of(), usual -> usual));

    private static UnaryOperator<Behaviour> failing(double share, int status) {
        return usual -> usual.withFaults(new Faults.Share(share, status, SEED));
    }

    /** So wide a spread that hedges are worth their while. */
    private static Behaviour wide(Behaviour usual) {
        Delay.LogNormal time = (Delay.LogNormal) usual.firstToken();
        return usual.withFirstToken(new Delay.LogNormal(time.median(), 1.2, time.seed()));
    }

    /** What was sent while a trouble lasted. */
    private record Step(Trouble trouble, long fromNanos, long toNanos) {

        boolean during(long nanos) {
            return nanos - fromNanos >= 0 && nanos - toNanos < 0;
        }
    }

    private final Setting setting;
    private final PrintWriter progress;
    private final List<Step> steps = new ArrayList<>();

    private RulesKept(Setting setting, PrintWriter progress) {
        this.setting = setting;
        this.progress = progress;
    }

    static Shown show(Setting.Starter starter, Path folder, int requests, double perSecond, PrintWriter progress)
            throws IOException, InterruptedException {
        try (Setting setting = Setting.open(starter, folder, PLACES, CONF)) {
            return new RulesKept(setting, progress).run(requests, perSecond);
        }
    }

    private Shown run(int requests, double perSecond) throws IOException, InterruptedException {
        Random random = new Random(SEED);
        Traffic traffic = new Traffic(setting.clients(), perSecond, () -> ASKS.get(random.nextInt(ASKS.size())));
        for (Trouble trouble : TROUBLES) {
            long from = System.nanoTime();
            trouble.places()
                    .forEach(place -> setting.behave(place, trouble.change().apply(setting.usual(place))));
            while (traffic.sent() < (long) requests * (steps.size() + 1) / TROUBLES.size()) {
                Thread.sleep(5);
            }
            trouble.places().forEach(setting::restore);
            steps.add(new Step(trouble, from, System.nanoTime()));
            progress.printf("rules: %,d requests%n", traffic.sent());
            progress.flush();
        }
        long unanswered = traffic.stop();
        return shown(traffic.calls(), unanswered, setting.sightings(), setting.accessLog());
    }

    private Shown shown(List<Call> calls, long unanswered, List<Sighting> sightings, AccessLog log) {
        long outside = sightings.stream()
                .filter(seen -> !ALLOWED.getOrDefault(seen.kind(), Set.of()).contains(seen.place()))
                .count();
        Set<String> canary = chats(sightings, CANARY::equals);
        Set<String> others = chats(sightings, place -> !place.equals(CANARY));
        long both = canary.stream().filter(others::contains).count();
        List<Sighting> whileItWasThere = sightings.stream()
                .filter(seen -> steps.stream()
                        .noneMatch(
                                step -> step.trouble().places().equals(List.of(CANARY)) && step.during(seen.nanos())))
                .toList();
        long ofCanary = chats(whileItWasThere, CANARY::equals).size();
        long ofAll = chats(whileItWasThere, place -> true).size();
        double canaryShare = (double) ofCanary / Math.max(1, ofAll);
        return new Shown(
                List.of(
                        Claim.none(
                                "rules: attempts outside their request's rule, of %,d".formatted(sightings.size()),
                                outside),
                        Claim.none("rules: chats seen both by the canary and by another", both),
                        new Claim(
                                "rules: the canary's share of chats while it was there",
                                "5%",
                                String.format(Locale.ROOT, "%.2f%%", canaryShare * 100),
                                Math.abs(canaryShare - CANARY_SHARE) <= canarySlack(ofAll)),
                        Claim.none("rules: requests without an answer, of %,d".formatted(calls.size()), unanswered),
                        new Claim(
                                "rules: hedged requests, so that there was something to see",
                                "some",
                                Long.toString(log.hedged()),
                                log.hedged() > 0)),
                figures(calls, sightings.size(), log));
    }

    private static Set<String> chats(List<Sighting> sightings, Predicate<String> place) {
        return sightings.stream()
                .filter(seen -> seen.kind().equals("chat") && place.test(seen.place()))
                .map(Sighting::id)
                .collect(Collectors.toSet());
    }

    private String figures(List<Call> calls, long attempts, AccessLog log) {
        StringBuilder table = new StringBuilder(String.format(
                Locale.ROOT,
                "Rules: %,d requests took %,d attempts that an endpoint saw; %,d requests took more than one, %,d of them by"
                        + " hedging. With every backend of a rule away, an error is the right answer.%n%n"
                        + "| who | what | requests | answered | other statuses |%n|---|---|--:|--:|---|%n",
                calls.size(),
                attempts,
                log.lines().size(),
                log.hedged()));
        for (Step step : steps) {
            List<Call> during =
                    calls.stream().filter(call -> step.during(call.sentNanos())).toList();
            Map<String, Long> others = during.stream()
                    .filter(call -> !call.good())
                    .collect(Collectors.groupingBy(
                            call -> call.ask().kind() + " " + call.status(), TreeMap::new, Collectors.counting()));
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %,d | %,d | %s |%n",
                    String.join(", ", step.trouble().places()),
                    step.trouble().what(),
                    during.size(),
                    during.stream().filter(Call::good).count(),
                    others.isEmpty() ? "" : others));
        }
        return table.toString();
    }
}

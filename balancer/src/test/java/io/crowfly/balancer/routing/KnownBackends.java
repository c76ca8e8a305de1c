package io.crowfly.balancer.routing;

import io.crowfly.balancer.routing.Candidates.Candidate;
import io.crowfly.conf.Backend;
import io.crowfly.conf.Credential;
import io.crowfly.conf.Probe;
import io.crowfly.conf.Provider;
import io.crowfly.probes.Outlook;
import io.crowfly.probes.Prediction;
import io.crowfly.probes.ProbeTimes;
import io.crowfly.probes.Standing;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Healthy backends, of which as much is known as a test needs. */
final class KnownBackends {

    private static final double ROOM_FOR_ALL = 1e9;

    private KnownBackends() {}

    /** One that is open and of the right tier. */
    static Entry entry(int index, double nanos) {
        return new Entry(index, 1, standing(index), outlook(nanos), cost(nanos), 0, 0.01, true, "");
    }

    static Candidate candidate(int index, double share) {
        return new Candidate(index, standing(index), outlook(1e6), cost(1e6), share, "");
    }

    private static Cost cost(double nanos) {
        return new Cost(nanos, nanos, 0, 1, ROOM_FOR_ALL);
    }

    private static Outlook outlook(double nanos) {
        double logService = StrictMath.log(nanos);
        Prediction prediction = new Prediction(Prediction.Basis.LIVE, 0, logService, 0.1, 0.01, ProbeTimes.ABSENT);
        return new Outlook(prediction, logService, 0, Long.MIN_VALUE, logService, 1, ROOM_FOR_ALL);
    }

    private static Standing standing(int index) {
        Backend backend = new Backend(
                "backend-" + index,
                new Provider.OpenAi(),
                URI.create("https://backend-" + index + ".example"),
                "",
                1,
                Map.of(),
                new Credential.None(),
                Map.of(),
                new Probe(Duration.ofSeconds(1), Duration.ofSeconds(1), 1, 1, new Probe.Kind.Tcp()),
                Optional.empty());
        return new Standing(
                backend,
                Standing.Health.HEALTHY,
                "",
                false,
                false,
                0,
                ProbeTimes.NONE,
                ProbeTimes.NONE,
                0,
                0,
                Map.of(),
                outlook(1e6),
                Map.of());
    }
}

package io.crowfly.balancer.metrics;

import io.crowfly.balancer.attempt.Upstream;
import io.crowfly.balancer.attempt.UpstreamEvents;
import io.crowfly.balancer.content.response.Usage;
import io.crowfly.balancer.credential.CredentialSource;
import io.crowfly.balancer.exchange.Outcome;
import io.crowfly.balancer.provider.Dialect;
import io.crowfly.balancer.routing.Candidates;
import io.crowfly.conf.Backend;
import io.crowfly.probes.forecast.Api;
import io.crowfly.probes.forecast.RequestClass;
import java.util.List;
import java.util.Optional;

/** Outcomes of successful requests at one backend, for tests. */
final class TestOutcomes {

    private TestOutcomes() {}

    /** Returns the outcome of a stream with its first token after 300 ms and the others every 20 ms. */
    static Outcome stream(Backend backend, Api api, String model, Usage usage) {
        return outcome(backend, api, model, 300_000_000, 20_000_000, Optional.of(usage));
    }

    /** Returns the outcome of a response that is not streamed. */
    static Outcome unstreamed(Backend backend, Api api, String model, Optional<Usage> usage) {
        return outcome(backend, api, model, -1, -1, usage);
    }

    private static Outcome outcome(
            Backend backend, Api api, String model, long firstTokenNanos, long tokenNanos, Optional<Usage> usage) {
        return new Outcome(
                "id",
                "",
                "127.0.0.1",
                "POST",
                "/v1/any",
                new RequestClass(api, model, firstTokenNanos >= 0),
                Candidates.NONE,
                Optional.of(new NameOnlyUpstream(backend)),
                List.of(),
                false,
                "",
                200,
                Optional.empty(),
                false,
                false,
                0,
                0,
                0,
                1_000_000,
                firstTokenNanos,
                tokenNanos,
                usage,
                2_000_000_000);
    }

    /** An upstream of which only the backend is used. */
    private record NameOnlyUpstream(Backend backend) implements Upstream {

        @Override
        public Dialect dialect() {
            throw new UnsupportedOperationException();
        }

        @Override
        public CredentialSource credential() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void open(int loop, boolean fresh, UpstreamEvents events) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isWarm(int loop) {
            return false;
        }

        @Override
        public void openAhead(int loop) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void onAttemptStart() {}

        @Override
        public void onAttemptEnd() {}

        @Override
        public void onAttemptFailure() {}

        @Override
        public long failures() {
            return 0;
        }

        @Override
        public long inFlight() {
            return 0;
        }
    }
}

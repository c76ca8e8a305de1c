package io.crowfly.probes;

import io.crowfly.probes.forecast.ProbeTimes;

/** Result of one probe of a backend: its times, or the reason of its failure. */
public sealed interface ProbeResult {

    record Success(ProbeTimes times) implements ProbeResult {}

    /**
     * Failed probe.
     *
     * @param reason for operators, in a few words: {@code connection refused}, {@code status 503}
     */
    record Failure(String reason) implements ProbeResult {}
}

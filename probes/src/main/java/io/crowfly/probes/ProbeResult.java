package io.crowfly.probes;

import io.crowfly.probes.forecast.ProbeTimes;

/** Result of one probe of a backend: its times, or the reason of its failure. */
public sealed interface ProbeResult {

    record Success(ProbeTimes times) implements ProbeResult {}

    /**
     * Failed probe.
     *
     * @param reason for operators, in a few words: {@code connection refused}, {@code status 503}
     * @param ofModel whether the probe's model may be the cause: connection and credential worked. Only inference probes
     *     have a model
     */
    record Failure(String reason, boolean ofModel) implements ProbeResult {

        /** Creates a failure of the backend itself. */
        public Failure(String reason) {
            this(reason, false);
        }
    }
}

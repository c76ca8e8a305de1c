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
    record Failure(String reason, Cause cause) implements ProbeResult {

        /** Creates a failure of the backend itself. */
        public Failure(String reason) {
            this(reason, Cause.BACKEND);
        }
    }

    /** Possible cause of a failed probe: the backend, its model, or our credential. */
    enum Cause {
        BACKEND,
        /** The probe's model may be the cause: connection and credential worked. Only inference probes have a model. */
        MODEL,
        /** Status 401: the backend rejects the probe's credential, which all its models share. */
        CREDENTIAL
    }
}

package io.crowfly.bench.attack;

/**
 * The clients of a run.
 *
 * @param seconds how long the attack lasts
 * @param warmUpSeconds how long the good clients run at full speed before anything else
 * @param good connections of good clients; the others are connections of the attack
 * @param bodyMib size of the bodies of which half is sent
 * @param limits {@code limits} of the conf, as a YAML flow mapping
 */
record AttackPlan(
        int seconds,
        int warmUpSeconds,
        int good,
        int dripping,
        int dripMillis,
        int trickling,
        int holding,
        int bodyMib,
        int closing,
        String javaOptions,
        String limits) {

    /** Longest time before the attack and after it in which the good clients are measured, in seconds. */
    private static final int MAX_QUIET_SECONDS = 30;

    /** Time in which everything must be back to normal after the attack, in seconds. */
    static final int RECOVERY_SECONDS = 5;

    int quietSeconds() {
        return Math.min(seconds, MAX_QUIET_SECONDS);
    }

    int connections() {
        return good + dripping + trickling + holding + closing;
    }
}

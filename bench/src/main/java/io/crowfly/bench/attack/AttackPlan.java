package io.crowfly.bench.attack;

/**
 * The clients of a run.
 *
 * @param seconds how long the attack lasts
 * @param warmUpSeconds how long the good clients run at full speed before anything else
 * @param firstSeconds how long the first attack lasts, after which the JVM has compiled the code that serves attackers
 * @param good connections of good clients; the others are connections of the attack
 * @param bodyMib size of the bodies of which half is sent
 * @param opensPerSecond limit of the connections that the attackers of one kind open in a second
 * @param limits {@code limits} of the conf, as a YAML flow mapping
 */
record AttackPlan(
        int seconds,
        int warmUpSeconds,
        int firstSeconds,
        int good,
        int dripping,
        int dripMillis,
        int trickling,
        int holding,
        int bodyMib,
        int closing,
        int opensPerSecond,
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

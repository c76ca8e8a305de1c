package io.crowfly.bench.attack;

/**
 * Duration of the parts of a run, and the number of its clients of each kind.
 *
 * @param seconds duration of the attack
 * @param warmUpSeconds duration of the warm-up, in which only the good clients run, at full speed
 * @param firstSeconds duration of a first attack, which is not measured: in it the JVM compiles the code that serves
 *     attackers
 * @param good connections of good clients
 * @param dripping connections of {@link DrippingClients}
 * @param dripMillis time between two bytes of a dripping connection
 * @param trickling connections of {@link TricklingClients}
 * @param holding connections of {@link HoldingClients}
 * @param bodyMib size of the body of a holding connection, in MiB; only half of the body is sent
 * @param closing connections of {@link ClosingClients}
 * @param opensPerSecond limit of the connections that the clients of each kind of attack open in a second
 * @param javaOptions options of the balancer's JVM
 * @param limits {@code limits} of the balancer's conf, as a YAML flow mapping
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

    /** Longest time at full speed before the attack, in seconds. */
    private static final int MAX_FULL_SPEED_SECONDS = 10;

    /** Longest time until a new rate counts, in seconds. */
    private static final int MAX_SETTLE_SECONDS = 2;

    /** Steps until the rate of half load fits, because the cost of a request depends on the rate. */
    private static final int MAX_RATE_STEPS = 3;

    /** Time in which everything must be back to normal after the attack, in seconds. */
    static final int RECOVERY_SECONDS = 5;

    int quietSeconds() {
        return Math.min(seconds, MAX_QUIET_SECONDS);
    }

    /** Returns the time after an attack before the good clients are measured. In a short run it is as short. */
    int recoverySeconds() {
        return Math.min(seconds, RECOVERY_SECONDS);
    }

    /** Returns the time at full speed before the attack. */
    int fullSpeedSeconds() {
        return Math.min(2 * seconds, MAX_FULL_SPEED_SECONDS);
    }

    /** Returns the time until a new rate counts. The backlog of a higher rate ends within a second. */
    int settleSeconds() {
        return Math.min(seconds, MAX_SETTLE_SECONDS);
    }

    /** Returns the number of steps in which the rate of half load is found. A short run has no time for all of them. */
    int rateSteps() {
        return Math.min(seconds / 4, MAX_RATE_STEPS);
    }

    int connections() {
        return good + dripping + trickling + holding + closing;
    }
}

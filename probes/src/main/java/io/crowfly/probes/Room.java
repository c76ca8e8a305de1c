package io.crowfly.probes;

/**
 * How many of our own requests in flight at a backend are nothing out of the ordinary. Beyond, it is to be expected that they
 * queue, and that time grows in proportion: so a burst spreads at once, before its slow answers come. Slow changes of load
 * are not this one's matter, since answers tell of them in time. Confined to one thread.
 */
final class Room {

    /** Without knowledge, and at the least: a backend that has no room for these is of no use behind a balancer. */
    static final double LEAST = 4;

    /** Of what is usual: random arrivals alone go nearly half as high again. */
    private static final double HEADROOM = 1.5;

    /** Longer than a burst, and about as long as it takes to hear of the answers. */
    private static final double MEMORY_SECONDS = 5;

    /** A backend that gets nothing for a while is as large as it was. */
    private static final double MOST_FADES_IN_SECONDS = 600;

    private static final double NEARLY = 0.8;

    /**
     * By such steps room grows with each answer that is as fast as ordinarily, or a fifth slower, and shrinks with each that
     * takes twice as long: of those that are half as slow again there are about as many of the one kind as of the other.
     */
    private static final double STEP = 0.02;

    private static final double FAST = 0.2;
    private static final double SLOW = 0.7;

    private double usual;
    private double most;
    private long atNanos = Long.MIN_VALUE;

    /** @param inFlight when a request was sent, itself included */
    void sent(long inFlight, long nowNanos) {
        double seconds = atNanos == Long.MIN_VALUE ? 0 : Math.max(0, nowNanos - atNanos) / 1e9;
        usual += (inFlight - usual) * (1 - StrictMath.exp(-seconds / MEMORY_SECONDS));
        most = Math.max(usual, most * StrictMath.exp(-seconds / MOST_FADES_IN_SECONDS));
        atNanos = nowNanos;
    }

    /**
     * Where requests are kept away from what is thought to be full, only their answers can say that it isn't.
     *
     * @param slower natural logarithm of the factor by which one took longer than is ordinary
     */
    void answered(long inFlight, double slower) {
        if (inFlight < NEARLY * room()) {
            return;
        }
        if (slower < FAST) {
            most = Math.max(most, LEAST / HEADROOM) * (1 + STEP);
        } else if (slower > SLOW) {
            most *= 1 - STEP;
        }
    }

    double room() {
        return Math.max(LEAST, HEADROOM * most);
    }
}

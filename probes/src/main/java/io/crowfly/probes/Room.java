package io.crowfly.probes;

/**
 * How many of our own requests at a backend are nothing out of the ordinary. Beyond, it is to be expected that they queue, and
 * that time grows in proportion: so a burst spreads at once, before its slow answers come. Slow changes of load are not
 * this one's matter, since answers tell of them in time. Confined to one thread.
 */
final class Room {

    /** Without knowledge, and at the least: a backend that has no room for these is of no use behind a balancer. */
    private static final double LEAST = 8;

    /** Of what is usual; random arrivals alone go half as high again. */
    private static final double HEADROOM = Double.parseDouble(System.getProperty("head", "2"));

    private static final double MEMORY_SECONDS = Double.parseDouble(System.getProperty("roomsec", "15"));

    private double usual;
    private long atNanos = Long.MIN_VALUE;

    /** @param inFlight when a request was sent, itself included */
    void sent(long inFlight, long nowNanos) {
        if (atNanos == Long.MIN_VALUE) {
            atNanos = nowNanos;
        }
        double seconds = Math.max(0, nowNanos - atNanos) / 1e9;
        usual += (inFlight - usual) * (1 - StrictMath.exp(-seconds / MEMORY_SECONDS));
        atNanos = nowNanos;
    }

    double room() {
        return Math.max(LEAST, HEADROOM * usual);
    }
}

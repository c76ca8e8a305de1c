package io.crowfly.probes;

/**
 * How many of our own requests a backend is thought to have room for. With fewer in flight, they say nothing about the next
 * one's time. Beyond, it is to be expected that they queue, and that time grows in proportion. So a burst spreads at once,
 * before its slow answers come, and what the answers then show is known for the next one. Confined to one thread.
 *
 * <p>Each answer says of the number in flight when it was sent whether that was too many, by how much slower than in ordinary
 * times it came. A single one says little, so room moves a step towards what it says. The thought is that of Netflix's
 * concurrency-limits, and of the queue estimate in TCP Vegas, turned from refusing into choosing.
 */
final class Room {

    /** Without knowledge, and at the least: a backend that has no room for these is of no use behind a balancer. */
    private static final double FIRST = 8;

    private static final double STEP = Double.parseDouble(System.getProperty("roomstep", "0.1"));

    /** In natural logarithms: slower than ordinary by a fifth is where a queue begins. */
    private static final double SLOWER = 0.2;

    /** One answer's luck counts no more than that. */
    private static final double MOST = 1;

    private double room = FIRST;

    /**
     * @param inFlight when the request was sent, itself included
     * @param slower natural logarithm of the factor by which the answer took longer than in ordinary times
     */
    void answered(long inFlight, double slower) {
        double evidence = Math.max(-MOST, Math.min(MOST, slower - SLOWER));
        double said = evidence < 0 ? 2.0 * inFlight : inFlight / 2.0;
        if (evidence < 0 == said > room) {
            room = Math.max(FIRST, room * StrictMath.exp(STEP * Math.abs(evidence) * StrictMath.log(said / room)));
        }
    }

    double room() {
        return room;
    }
}

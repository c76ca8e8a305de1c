package io.crowfly.balancer.routing;

import io.crowfly.probes.Outlook;
import io.crowfly.probes.Standing;

/** One backend that a kind of request may use, as a {@link Plan} is made. Written anew for each publication. */
final class Entry {

    /** The backend's place in the conf. */
    final int index;

    final int tier;
    final Standing standing;
    final Outlook outlook;

    final Cost byLoad;

    /** With what is in flight now, in nanoseconds; more than zero. */
    final double cost;

    /** The cost that asking may find. */
    final double hoped;

    /** Standard deviation of what is believed about the cost, as a share of it. */
    final double uncertainty;

    boolean open;
    String note;

    /** Whether its tier is the one that should get the requests. */
    boolean preferred;

    double share;

    /** The factor by which its weight falls. */
    double moving;

    Entry(
            int index,
            int tier,
            Standing standing,
            Outlook outlook,
            Cost byLoad,
            long inFlight,
            double hoped,
            double uncertainty,
            boolean open,
            String note) {
        this.index = index;
        this.tier = tier;
        this.standing = standing;
        this.outlook = outlook;
        this.byLoad = byLoad;
        this.cost = Math.max(1, byLoad.at(inFlight + 1));
        this.hoped = hoped;
        this.uncertainty = uncertainty;
        this.open = open;
        this.note = note;
    }
}

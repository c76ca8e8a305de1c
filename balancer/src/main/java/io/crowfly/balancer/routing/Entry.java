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

    /** In nanoseconds; more than zero. */
    final double cost;

    boolean open;
    String note;

    /** Whether its tier is the one that should get the requests. */
    boolean preferred;

    double share;

    Entry(int index, int tier, Standing standing, Outlook outlook, double cost, boolean open, String note) {
        this.index = index;
        this.tier = tier;
        this.standing = standing;
        this.outlook = outlook;
        this.cost = Math.max(1, cost);
        this.open = open;
        this.note = note;
    }
}

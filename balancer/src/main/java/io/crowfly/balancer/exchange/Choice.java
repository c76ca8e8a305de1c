package io.crowfly.balancer.exchange;

import io.crowfly.balancer.provider.ClientTarget;
import io.crowfly.balancer.routing.Candidates;
import io.crowfly.balancer.routing.Candidates.Candidate;
import io.crowfly.balancer.routing.Chooser;
import io.crowfly.balancer.routing.Chooser.Reason;
import io.crowfly.balancer.routing.Load;
import java.util.Arrays;

/** The backends that one exchange may try, and which of them it has tried. */
final class Choice implements Load {

    private static final int USUAL_PLACES = 4;

    private final Snapshot snapshot;
    private final ClientTarget target;
    private final Chooser chooser;
    private final int loop;
    private final Candidates candidates;

    /** Places that have had their turn, be it only to find that they have nothing at the target. */
    private int[] tried = new int[USUAL_PLACES];

    private int count;
    private Reason reason = Reason.SHARE;

    Choice(Exchanges exchanges, Snapshot snapshot, ClientTarget target, Candidates candidates) {
        this.snapshot = snapshot;
        this.target = target;
        chooser = exchanges.chooser;
        loop = exchanges.loop;
        this.candidates = candidates;
    }

    Candidates candidates() {
        return candidates;
    }

    Candidate candidate(int place) {
        return candidates.list().get(place);
    }

    Upstream upstream(int place) {
        return snapshot.upstream(candidate(place));
    }

    /** The place to go to first, or {@link Chooser#NONE}. @param mayExplore as {@link Chooser#first} has it */
    int first(boolean mayExplore) {
        int place = chooser.first(candidates, this, mayExplore);
        reason = chooser.reason();
        if (place != Chooser.NONE && !serves(place)) {
            spend(place);
            place = peekNext();
            reason = Reason.SHARE;
        }
        return taken(place);
    }

    /** The best place that has not been tried, which is tried from now on; {@link Chooser#NONE} when all are. */
    int next() {
        return taken(peekNext());
    }

    boolean hasNext() {
        return peekNext() != Chooser.NONE;
    }

    /** In a few words, why the {@linkplain #first first} choice falls on this place. */
    String why(int place) {
        String why =
                switch (reason) {
                    case SHARE -> place == 0 ? "lowest latency" : "its share";
                    case LIGHTER -> "fewer in flight";
                    case EXPLORATION -> "exploration";
                    case POLICY -> candidates.policy().label();
                };
        return candidates.panic() ? why + " (panic)" : why;
    }

    boolean explores() {
        return reason == Reason.EXPLORATION;
    }

    @Override
    public long inFlight(int index) {
        return snapshot.upstreams().get(index).inFlight();
    }

    @Override
    public boolean warm(int index) {
        return snapshot.upstreams().get(index).isWarm(loop);
    }

    private int peekNext() {
        int place = chooser.next(candidates, tried, count);
        while (place != Chooser.NONE && !serves(place)) {
            spend(place);
            place = chooser.next(candidates, tried, count);
        }
        return place;
    }

    private boolean serves(int place) {
        return upstream(place).dialect().serves(target);
    }

    private int taken(int place) {
        if (place != Chooser.NONE) {
            spend(place);
        }
        return place;
    }

    private void spend(int place) {
        if (count == tried.length) {
            tried = Arrays.copyOf(tried, 2 * count);
        }
        tried[count++] = place;
    }
}

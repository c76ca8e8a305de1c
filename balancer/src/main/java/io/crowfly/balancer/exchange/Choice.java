package io.crowfly.balancer.exchange;

import io.crowfly.balancer.credential.Shown;
import io.crowfly.balancer.routing.Candidates;
import io.crowfly.balancer.routing.Candidates.Candidate;
import io.crowfly.balancer.routing.Chooser;
import io.crowfly.balancer.routing.Chooser.Reason;
import io.crowfly.balancer.routing.Load;
import io.crowfly.probes.Prediction;
import java.util.Arrays;

/** The backends that one exchange may try, and which of them it has tried. */
final class Choice implements Load {

    private static final int USUAL_PLACES = 4;

    private final Snapshot snapshot;
    private final Request request;
    private final Home home;
    private final Chooser chooser;
    private final int loop;
    private final Candidates candidates;

    /** Places that have had their turn, be it only to find that they have nothing at the target. */
    private int[] tried = new int[USUAL_PLACES];

    private int count;
    private Reason reason = Reason.SHARE;

    /** Whether the first choice fell on the home of what the request refers to. */
    private boolean atHome;

    /** Whether something has been looked for, and not found. */
    private boolean elsewhere;

    /** Whether there is no other backend that could do anything with the request. */
    private boolean only;

    Choice(Exchanges exchanges, Snapshot snapshot, Request request, Home home, Candidates candidates) {
        this.snapshot = snapshot;
        this.request = request;
        this.home = home;
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

    Prediction prediction(int place) {
        return candidate(place).prediction();
    }

    Upstream upstream(int place) {
        return snapshot.upstream(candidate(place));
    }

    /** The place to go to first, or {@link Chooser#NONE}. @param mayExplore as {@link Chooser#first} has it */
    int first(boolean mayExplore) {
        int place = placeOfHome();
        if (place != Chooser.NONE) {
            atHome = true;
            return taken(place);
        }
        return only ? Chooser.NONE : best(mayExplore);
    }

    private int placeOfHome() {
        if (home instanceof Home.Maker maker) {
            only = true;
            return placeOf(maker.backend());
        }
        if (home instanceof Home.At at) {
            int place = placeOf(at.backend());
            only = place != Chooser.NONE;
            return place;
        }
        if (home instanceof Home.Unknown unknown && unknown.likely().isPresent()) {
            int place = placeOf(unknown.likely().get());
            return place < candidates.open() ? place : Chooser.NONE;
        }
        return Chooser.NONE;
    }

    private int placeOf(String backend) {
        for (int place = 0; place < candidates.list().size(); place++) {
            if (upstream(place).backend().name().equals(backend) && serves(place)) {
                return place;
            }
        }
        return Chooser.NONE;
    }

    /** Whether the request refers to something that another backend may keep: even what is known may be wrong. */
    boolean mayBeElsewhere() {
        return home instanceof Home.At || home instanceof Home.Unknown;
    }

    /** What the backend, one of the choice, is shown as of now. */
    Shown shown(Upstream upstream) {
        return home instanceof Home.Maker maker
                ? maker.secret()
                : upstream.credential().now();
    }

    /** It is not where it was looked for. From here on any backend may be asked: who is out of order may keep it all the same. */
    void isElsewhere() {
        only = false;
        elsewhere = true;
    }

    private int firstUntried() {
        for (int place = 0; place < candidates.list().size(); place++) {
            if (!isTried(place) && serves(place)) {
                return place;
            }
        }
        return Chooser.NONE;
    }

    private boolean isTried(int place) {
        for (int i = 0; i < count; i++) {
            if (tried[i] == place) {
                return true;
            }
        }
        return false;
    }

    private int best(boolean mayExplore) {
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
        if (atHome) {
            return only && !request.statePath.lists() ? "keeps what is referred to" : "home";
        }
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
        if (only) {
            return Chooser.NONE;
        } else if (elsewhere) {
            return firstUntried();
        }
        int place = chooser.next(candidates, tried, count);
        while (place != Chooser.NONE && !serves(place)) {
            spend(place);
            place = chooser.next(candidates, tried, count);
        }
        return place;
    }

    private boolean serves(int place) {
        return upstream(place).dialect().serves(request.target);
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

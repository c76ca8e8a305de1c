package io.crowfly.balancer.attempt;

import io.crowfly.balancer.affinity.Owner;
import io.crowfly.balancer.credential.AttachedCredential;
import io.crowfly.balancer.message.Request;
import io.crowfly.balancer.routing.BackendLoad;
import io.crowfly.balancer.routing.Candidates;
import io.crowfly.balancer.routing.Candidates.Candidate;
import io.crowfly.balancer.routing.Chooser;
import io.crowfly.balancer.routing.Chooser.Reason;
import io.crowfly.probes.forecast.Prediction;
import java.util.Arrays;

/** The backends that one exchange may try, and which of them it has tried. */
public final class BackendSelection implements BackendLoad {

    private static final int INITIAL_CAPACITY = 4;

    private final Snapshot snapshot;
    private final Request request;
    private final Owner owner;
    private final Chooser chooser;
    private final int loop;
    private final Candidates candidates;

    /** Places that have had their turn, be it only to find that they have nothing at the target. */
    private int[] triedPlaces = new int[INITIAL_CAPACITY];

    private int triedCount;
    private Reason reason = Reason.SHARE;

    /** Whether the first choice fell on the home of what the request refers to. */
    private boolean startsAtOwner;

    /** Whether something has been looked for, and not found. */
    private boolean notFoundAtOwner;

    /** Whether there is no other backend that could do anything with the request. */
    private boolean ownerOnly;

    public BackendSelection(
            AttemptContext context, Snapshot snapshot, Request request, Owner owner, Candidates candidates) {
        this.snapshot = snapshot;
        this.request = request;
        this.owner = owner;
        chooser = context.chooser();
        loop = context.loop();
        this.candidates = candidates;
    }

    public Candidates candidates() {
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

    /** The place to go to first, or {@link Chooser#NONE}. @param mayExplore as {@link Chooser#chooseFirst} has it */
    int first(boolean mayExplore) {
        int place = placeOfOwner();
        if (place != Chooser.NONE) {
            startsAtOwner = true;
            return markTried(place);
        }
        return ownerOnly ? Chooser.NONE : firstByRouting(mayExplore);
    }

    private int placeOfOwner() {
        if (owner instanceof Owner.OfSecret ofSecret) {
            ownerOnly = true;
            return placeOf(ofSecret.backend());
        }
        if (owner instanceof Owner.Known known) {
            int place = placeOf(known.backend());
            ownerOnly = place != Chooser.NONE;
            return place;
        }
        if (owner instanceof Owner.Unknown unknown && unknown.likelyBackend().isPresent()) {
            int place = placeOf(unknown.likelyBackend().get());
            return place < candidates.openCount() ? place : Chooser.NONE;
        }
        return Chooser.NONE;
    }

    private int placeOf(String backend) {
        for (int place = 0; place < candidates.list().size(); place++) {
            if (upstream(place).backend().name().equals(backend) && servesTarget(place)) {
                return place;
            }
        }
        return Chooser.NONE;
    }

    /** Whether the request refers to something that another backend may keep: even what is known may be wrong. */
    boolean mayHaveAnotherOwner() {
        return owner instanceof Owner.Known || owner instanceof Owner.Unknown;
    }

    /** What the backend, one of the choice, is shown as of now. */
    AttachedCredential credentialFor(Upstream upstream) {
        return owner instanceof Owner.OfSecret ofSecret
                ? ofSecret.secret()
                : upstream.credential().current();
    }

    /** It is not where it was looked for. From here on any backend may be asked: who is out of order may keep it all the same. */
    void onNotFoundAtOwner() {
        ownerOnly = false;
        notFoundAtOwner = true;
    }

    private int firstUntried() {
        for (int place = 0; place < candidates.list().size(); place++) {
            if (!isTried(place) && servesTarget(place)) {
                return place;
            }
        }
        return Chooser.NONE;
    }

    private boolean isTried(int place) {
        for (int i = 0; i < triedCount; i++) {
            if (triedPlaces[i] == place) {
                return true;
            }
        }
        return false;
    }

    private int firstByRouting(boolean mayExplore) {
        int place = chooser.chooseFirst(candidates, this, mayExplore);
        reason = chooser.reason();
        if (place != Chooser.NONE && !servesTarget(place)) {
            addTriedPlace(place);
            place = peekNext();
            reason = Reason.SHARE;
        }
        return markTried(place);
    }

    /** The best place that has not been tried, which is tried from now on; {@link Chooser#NONE} when all are. */
    int next() {
        return markTried(peekNext());
    }

    boolean hasNext() {
        return peekNext() != Chooser.NONE;
    }

    /** In a few words, why the {@linkplain #first first} choice falls on this place. */
    String reasonFor(int place) {
        if (startsAtOwner) {
            return ownerOnly && !request.statePath.lists() ? "keeps what is referred to" : "home";
        }
        String why =
                switch (reason) {
                    case SHARE -> place == 0 ? "lowest latency" : "its share";
                    case LESS_LOADED -> "fewer in flight";
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
    public boolean hasIdleConnection(int index) {
        return snapshot.upstreams().get(index).isWarm(loop);
    }

    private int peekNext() {
        if (ownerOnly) {
            return Chooser.NONE;
        } else if (notFoundAtOwner) {
            return firstUntried();
        }
        int place = chooser.chooseNext(candidates, triedPlaces, triedCount);
        while (place != Chooser.NONE && !servesTarget(place)) {
            addTriedPlace(place);
            place = chooser.chooseNext(candidates, triedPlaces, triedCount);
        }
        return place;
    }

    private boolean servesTarget(int place) {
        return upstream(place).dialect().serves(request.target);
    }

    private int markTried(int place) {
        if (place != Chooser.NONE) {
            addTriedPlace(place);
        }
        return place;
    }

    private void addTriedPlace(int place) {
        if (triedCount == triedPlaces.length) {
            triedPlaces = Arrays.copyOf(triedPlaces, 2 * triedCount);
        }
        triedPlaces[triedCount++] = place;
    }
}

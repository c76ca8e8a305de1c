package io.crowfly.balancer.attempt;

import io.crowfly.balancer.affinity.Owner;
import io.crowfly.balancer.credential.AttachedCredential;
import io.crowfly.balancer.message.Request;
import io.crowfly.balancer.routing.BackendLoad;
import io.crowfly.balancer.routing.Candidates;
import io.crowfly.balancer.routing.Candidates.Candidate;
import io.crowfly.balancer.routing.Chooser;
import io.crowfly.balancer.routing.Chooser.Reason;
import io.crowfly.balancer.routing.HedgeRule;
import io.crowfly.balancer.routing.Overflow;
import io.crowfly.conf.Backend;
import io.crowfly.conf.Limits;
import io.crowfly.probes.forecast.Prediction;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Selection of the backend for each attempt of one exchange: the owner of the request's objects, else the candidate
 * that routing chooses. Records the candidates that have been tried.
 */
public final class BackendSelection implements BackendLoad {

    private static final int[] NO_PLACES = {};

    private static final int INITIAL_CAPACITY = 4;

    /** Names of the tiers, by number, so that a decision creates no string. */
    private static final String[] TIERS = IntStream.rangeClosed(0, Backend.MAX_TIER)
            .mapToObj(number -> "tier " + number)
            .toArray(String[]::new);

    private final Snapshot snapshot;
    private final Request request;
    private final Owner owner;
    private final Chooser chooser;
    private final int loop;
    private final Candidates candidates;

    /**
     * Indexes of the candidates that were tried, or skipped because their backends do not serve the target or are full.
     * The last one is missing here until it {@linkplain #triedPlaces is needed}: most exchanges try one candidate.
     */
    private int[] triedPlaces = NO_PLACES;

    private int triedCount;
    private int lastTried;
    private Reason reason = Reason.SHARE;

    /** Whether the first attempt is at the known or likely owner of the object that the request refers to. */
    private boolean startsAtOwner;

    /** Whether the backend of the first attempt did not have the object. */
    private boolean notFoundAtOwner;

    /** Whether no backend except the owner can serve the request. */
    private boolean ownerOnly;

    /** Whether a candidate was skipped because it has as many requests in flight as the conf allows. */
    private boolean limited;

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

    /** Returns the prediction for one more request now. */
    Prediction prediction(int place) {
        Candidate candidate = candidate(place);
        return candidate.predictionAt(inFlight(candidate.index()) + 1);
    }

    /**
     * Returns the prediction for an attempt at the next backend now, at known load. Call only if {@link #hasNext}. When
     * a backend fails, more requests than ever before go to the next one, and its forecast at that load is a guess.
     */
    Prediction nextPrediction() {
        Candidate next = candidate(peekNext());
        return next.forecast().predictionAtKnownLoad(inFlight(next.index()) + 1);
    }

    Upstream upstream(int place) {
        return snapshot.upstream(candidate(place));
    }

    /**
     * Returns the index of the candidate for the first attempt, or {@link Chooser#NONE}.
     *
     * @param mayExplore see {@link Chooser#chooseFirst}
     */
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

    /**
     * Returns whether the request refers to an object that another backend may keep. True even for a known owner,
     * because the record may be wrong.
     */
    boolean mayHaveAnotherOwner() {
        return owner instanceof Owner.Known || owner instanceof Owner.Unknown;
    }

    /** Returns whether the candidate is known to own the object that the request refers to. */
    boolean isOwner(int place) {
        return ownerOnly
                && owner instanceof Owner.Known known
                && known.backend().equals(upstream(place).backend().name());
    }

    /** Returns the credential to attach to a request for this backend now. */
    AttachedCredential credentialFor(Upstream upstream) {
        return owner instanceof Owner.OfSecret ofSecret
                ? ofSecret.secret()
                : upstream.credential().current();
    }

    /**
     * Called when the object was not found. The next attempts try every other backend, unhealthy ones too, because each
     * may keep the object.
     */
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
            if (triedPlaces()[i] == place) {
                return true;
            }
        }
        return false;
    }

    private int firstByRouting(boolean mayExplore) {
        int place = chooser.chooseFirst(candidates, this, mayExplore);
        reason = chooser.reason();
        if (place != Chooser.NONE && !mayTake(place)) {
            addTriedPlace(place);
            place = peekNext();
            reason = Reason.SHARE;
        }
        return markTried(place);
    }

    /** Returns the best untried candidate and marks it as tried; {@link Chooser#NONE} if all have been tried. */
    int next() {
        return markTried(peekNext());
    }

    /**
     * Returns the untried candidate for a hedge beside an attempt that has waited for this time, or {@link
     * Chooser#NONE}. No hedge is sent for an object that only its owner has.
     */
    int nextHedge(long waitedNanos) {
        if (ownerOnly || notFoundAtOwner) {
            return Chooser.NONE;
        }
        int place = placeOfHedge(waitedNanos);
        while (place != Chooser.NONE && !mayTake(place)) {
            addTriedPlace(place);
            place = placeOfHedge(waitedNanos);
        }
        return place;
    }

    private int placeOfHedge(long waitedNanos) {
        long tierToleranceNanos = snapshot.conf().routing().tierTolerance().nanos();
        return HedgeRule.place(candidates, this, triedPlaces(), triedCount, waitedNanos, tierToleranceNanos);
    }

    /** Returns whether every available candidate was tried. False if only the owner may serve the request. */
    boolean hasTriedAll() {
        return !ownerOnly && !hasNext();
    }

    boolean hasNext() {
        return peekNext() != Chooser.NONE;
    }

    /** Returns in a few words why the {@linkplain #first first} attempt is at this candidate. */
    String reasonFor(int place) {
        if (startsAtOwner) {
            return ownerOnly && !request.statePath.lists() ? "owns what the request refers to" : "default owner";
        }
        Optional<Overflow> overflow = overflow(place);
        String why = overflow.isPresent()
                ? "overflow to " + tier(place) + ": " + overflow.get().label()
                : reasonInTier(place);
        return candidates.panic() ? why + " (panic)" : why;
    }

    private String reasonInTier(int place) {
        String first = candidates.tiers().otherIsFaster() ? tier(place) : "lowest latency";
        return switch (reason) {
            case SHARE -> place == 0 ? first : "its share";
            case CHEAPER_NOW -> "faster now";
            case OVERFLOW -> tier(place);
            case EXPLORATION -> "exploration";
            case POLICY -> candidates.policy().label();
        };
    }

    private String tier(int place) {
        return TIERS[tierNumber(place)];
    }

    private int tierNumber(int place) {
        return upstream(place).backend().tier();
    }

    /** Returns why the {@linkplain #first first} attempt is not at the tier with the lowest number; empty if it is. */
    Optional<Overflow> overflow(int place) {
        if (startsAtOwner) {
            return Optional.empty();
        }
        return switch (reason) {
            case OVERFLOW -> tierNumber(place) > tierNumber(0) ? Optional.of(Overflow.LOAD) : Optional.empty();
            case SHARE, CHEAPER_NOW ->
                place < candidates.tiers().preferredCount() ? candidates.tiers().overflow() : Optional.empty();
            case EXPLORATION, POLICY -> Optional.empty();
        };
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
        int place = chooser.chooseNext(candidates, triedPlaces(), triedCount);
        while (place != Chooser.NONE && !mayTake(place)) {
            addTriedPlace(place);
            place = chooser.chooseNext(candidates, triedPlaces(), triedCount);
        }
        return place;
    }

    /** Returns whether any candidate was skipped because it has as many requests in flight as the conf allows. */
    public boolean limited() {
        return limited;
    }

    private boolean mayTake(int place) {
        if (!servesTarget(place)) {
            return false;
        }
        Upstream upstream = upstream(place);
        int limit = snapshot.conf().limits().maxInFlight(upstream.backend());
        boolean full = limit != Limits.NO_LIMIT && upstream.inFlight() >= limit;
        limited |= full;
        return !full;
    }

    private boolean servesTarget(int place) {
        return upstream(place).dialect().serves(request.target);
    }

    /** Marks a place as tried, unless it is {@link Chooser#NONE}, and returns it. */
    int markTried(int place) {
        if (place != Chooser.NONE) {
            addTriedPlace(place);
        }
        return place;
    }

    private void addTriedPlace(int place) {
        if (triedCount > 0) {
            triedPlaces(); // with the one before
        }
        lastTried = place;
        triedCount++;
    }

    /** Returns the tried places, as many as {@link #triedCount}. */
    private int[] triedPlaces() {
        if (triedCount > triedPlaces.length) {
            triedPlaces = Arrays.copyOf(triedPlaces, Math.max(INITIAL_CAPACITY, 2 * triedCount));
        }
        if (triedCount > 0) {
            triedPlaces[triedCount - 1] = lastTried;
        }
        return triedPlaces;
    }
}

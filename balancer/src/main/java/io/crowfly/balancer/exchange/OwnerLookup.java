package io.crowfly.balancer.exchange;

import io.crowfly.balancer.affinity.Owner;
import io.crowfly.balancer.affinity.Owners;
import io.crowfly.balancer.affinity.StateIdFormat;
import io.crowfly.balancer.attempt.Snapshot;
import io.crowfly.balancer.credential.AttachedCredential;
import io.crowfly.balancer.message.Request;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.stream.Stream;

/*
 * A request may refer to several things, a file and the response before, and all of them are kept by one backend or the request
 * can't be answered at all: so the first that is known tells. Only where none is known here are the other instances asked, for a
 * few of them, all at once.
 *
 * A secret that a backend has given out comes before all of that, even where there is one backend only: it is to be shown there.
 * One that nobody has seen given out is no more than any other credential of a client's.
 */

/** Finds out where what one request refers to is kept. Confined to the exchange's loop. */
final class OwnerLookup {

    /** A request with more files than this names one of the first too. */
    private static final int MAX_SHARED_LOOKUPS = 4;

    private final Owners owners;
    private final Optional<String> likelyBackend;
    private final Consumer<Owner> onOwnerLater;
    private int pendingLookups;
    private boolean done;

    private OwnerLookup(Owners owners, Optional<String> likelyBackend, Consumer<Owner> onOwnerLater) {
        this.owners = owners;
        this.likelyBackend = likelyBackend;
        this.onOwnerLater = onOwnerLater;
    }

    /**
     * Tells one of both, once.
     *
     * @param onOwnerNow told before this returns
     * @param onOwnerLater told on the executor
     */
    static void find(
            Request request,
            Snapshot snapshot,
            Executor executor,
            Consumer<Owner> onOwnerNow,
            Consumer<Owner> onOwnerLater) {
        if (request.clientSecret.isPresent()) {
            findSecretOwner(request.clientSecret.get(), request, snapshot, executor, onOwnerNow, onOwnerLater);
        } else {
            findStateOwner(request, snapshot, executor, onOwnerNow, onOwnerLater);
        }
    }

    private static void findSecretOwner(
            AttachedCredential.RealtimeSecret secret,
            Request request,
            Snapshot snapshot,
            Executor executor,
            Consumer<Owner> onOwnerNow,
            Consumer<Owner> onOwnerLater) {
        Owners owners = snapshot.owners();
        String id = StateIdFormat.fromSecret(secret.value());
        Optional<String> known = owners.knownOwner(id);
        if (known.isPresent()) {
            onOwnerNow.accept(new Owner.OfSecret(known.get(), secret));
        } else if (owners.shared()) {
            owners.lookUp(
                    id,
                    executor,
                    backend -> backend.ifPresentOrElse(
                            name -> onOwnerLater.accept(new Owner.OfSecret(name, secret)),
                            () -> findStateOwner(request, snapshot, executor, onOwnerLater, onOwnerLater)));
        } else {
            findStateOwner(request, snapshot, executor, onOwnerNow, onOwnerLater);
        }
    }

    private static void findStateOwner(
            Request request,
            Snapshot snapshot,
            Executor executor,
            Consumer<Owner> onOwnerNow,
            Consumer<Owner> onOwnerLater) {
        if (snapshot.hasSingleBackend()) {
            onOwnerNow.accept(Owner.NONE);
            return;
        }
        Owners owners = snapshot.owners();
        Optional<String> likelyBackend = snapshot.conf().state().defaultOwner();
        List<String> ids = ids(request);
        if (ids.isEmpty()) {
            onOwnerNow.accept(likelyBackend.isPresent() ? ownerWithoutIds(request, likelyBackend.get()) : Owner.NONE);
            return;
        }
        Optional<String> known =
                ids.stream().flatMap(id -> owners.knownOwner(id).stream()).findFirst();
        if (known.isPresent() || !owners.shared()) {
            onOwnerNow.accept(known.<Owner>map(Owner.Known::new).orElseGet(() -> new Owner.Unknown(likelyBackend)));
        } else {
            new OwnerLookup(owners, likelyBackend, onOwnerLater).lookUpShared(ids, executor);
        }
    }

    /** A list is one backend's; what will be in it is better made there, and is known wherever it was made. */
    private static Owner ownerWithoutIds(Request request, String stateBackend) {
        if (request.statePath.lists()) {
            return new Owner.Known(stateBackend);
        }
        return request.createsListedState() ? new Owner.Unknown(Optional.of(stateBackend)) : Owner.NONE;
    }

    private static List<String> ids(Request request) {
        List<String> inPath = request.statePath.ids();
        List<String> inBody = request.references();
        return inPath.isEmpty()
                ? inBody
                : Stream.concat(inPath.stream(), inBody.stream()).toList();
    }

    private void lookUpShared(List<String> ids, Executor executor) {
        List<String> lookups = ids.subList(0, Math.min(MAX_SHARED_LOOKUPS, ids.size()));
        pendingLookups = lookups.size();
        lookups.forEach(id -> owners.lookUp(id, executor, this::onSharedResult));
    }

    private void onSharedResult(Optional<String> backend) {
        pendingLookups--;
        if (!done && (backend.isPresent() || pendingLookups == 0)) {
            done = true;
            onOwnerLater.accept(backend.<Owner>map(Owner.Known::new).orElseGet(() -> new Owner.Unknown(likelyBackend)));
        }
    }
}

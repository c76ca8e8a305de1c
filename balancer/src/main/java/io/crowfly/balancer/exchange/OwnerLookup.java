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
 * A request may refer to several objects, for example a file and the previous response. One backend must keep all of
 * them, or no backend can serve the request. So the first object with a known owner decides. Only if this instance
 * knows no owner, the shared owners are queried, in parallel and for the first few objects only.
 *
 * A client secret that a backend has issued takes precedence over all objects, even with one backend only, because that
 * backend must receive the secret. A secret whose issuer is unknown is treated like any other client credential.
 */

/**
 * Lookup of the backend that owns the objects, or has issued the secret, to which one request refers. Confined to the
 * exchange's event loop.
 */
final class OwnerLookup {

    /**
     * Maximum number of parallel queries per request. More are not needed, because one backend keeps all objects of a
     * request.
     */
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
     * Finds the owner and passes it to one of the two consumers, once.
     *
     * @param onOwnerNow called before this method returns, if the owner is known without a query
     * @param onOwnerLater called on the executor, after a query
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

    /**
     * Returns the owner of a request without ids. Requests for a list, and for an object that will be in a list, are
     * sent to the backend of {@code state.default-owner}.
     */
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

package io.crowfly.balancer.exchange;

import io.crowfly.balancer.affinity.Homes;
import io.crowfly.balancer.affinity.Ids;
import io.crowfly.balancer.credential.Shown;
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
final class HomeSearch {

    /** A request with more files than this names one of the first too. */
    private static final int MOST_ASKED = 4;

    private final Homes homes;
    private final Optional<String> likely;
    private final Consumer<Home> later;
    private int awaited;
    private boolean done;

    private HomeSearch(Homes homes, Optional<String> likely, Consumer<Home> later) {
        this.homes = homes;
        this.likely = likely;
        this.later = later;
    }

    /**
     * Tells one of both, once.
     *
     * @param now told before this returns
     * @param later told on the executor
     */
    static void find(Request request, Snapshot snapshot, Executor executor, Consumer<Home> now, Consumer<Home> later) {
        if (request.secret.isPresent()) {
            findMaker(request.secret.get(), request, snapshot, executor, now, later);
        } else {
            findKept(request, snapshot, executor, now, later);
        }
    }

    private static void findMaker(
            Shown.ClientSecret secret,
            Request request,
            Snapshot snapshot,
            Executor executor,
            Consumer<Home> now,
            Consumer<Home> later) {
        Homes homes = snapshot.homes();
        String id = Ids.ofSecret(secret.value());
        Optional<String> known = homes.known(id);
        if (known.isPresent()) {
            now.accept(new Home.Maker(known.get(), secret));
        } else if (homes.shared()) {
            homes.ask(
                    id,
                    executor,
                    backend -> backend.ifPresentOrElse(
                            maker -> later.accept(new Home.Maker(maker, secret)),
                            () -> findKept(request, snapshot, executor, later, later)));
        } else {
            findKept(request, snapshot, executor, now, later);
        }
    }

    private static void findKept(
            Request request, Snapshot snapshot, Executor executor, Consumer<Home> now, Consumer<Home> later) {
        if (snapshot.alone()) {
            now.accept(Home.ANYWHERE);
            return;
        }
        Homes homes = snapshot.homes();
        Optional<String> likely = snapshot.conf().state().home();
        List<String> ids = ids(request);
        if (ids.isEmpty()) {
            now.accept(likely.isPresent() ? withoutIds(request, likely.get()) : Home.ANYWHERE);
            return;
        }
        Optional<String> known =
                ids.stream().flatMap(id -> homes.known(id).stream()).findFirst();
        if (known.isPresent() || !homes.shared()) {
            now.accept(known.<Home>map(Home.At::new).orElseGet(() -> new Home.Unknown(likely)));
        } else {
            new HomeSearch(homes, likely, later).ask(ids, executor);
        }
    }

    /** A list is one backend's; what will be in it is better made there, and is known wherever it was made. */
    private static Home withoutIds(Request request, String home) {
        if (request.statePath.lists()) {
            return new Home.At(home);
        }
        return request.belongsHome() ? new Home.Unknown(Optional.of(home)) : Home.ANYWHERE;
    }

    private static List<String> ids(Request request) {
        List<String> inPath = request.statePath.ids();
        List<String> inBody = request.references();
        return inPath.isEmpty()
                ? inBody
                : Stream.concat(inPath.stream(), inBody.stream()).toList();
    }

    private void ask(List<String> ids, Executor executor) {
        List<String> asked = ids.subList(0, Math.min(MOST_ASKED, ids.size()));
        awaited = asked.size();
        asked.forEach(id -> homes.ask(id, executor, this::onAnswer));
    }

    private void onAnswer(Optional<String> backend) {
        awaited--;
        if (!done && (backend.isPresent() || awaited == 0)) {
            done = true;
            later.accept(backend.<Home>map(Home.At::new).orElseGet(() -> new Home.Unknown(likely)));
        }
    }
}

package io.crowfly.bench.endpoint;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** What one endpoint keeps, up to a bound; what was kept first goes first. Safe for use by several threads. */
final class KeptThings {

    /** Answers of a few KiB each: tens of MiB when full. */
    private static final int MOST = 10_000;

    /** Bytes of files. */
    private static final long MOST_CONTENT = 128L * 1024 * 1024;

    private final Map<String, Kept> byId = new LinkedHashMap<>();
    private final String seal = "sealed-by-" + UUID.randomUUID();
    private long content;

    synchronized void put(Kept thing) {
        remove(thing.kind(), thing.id());
        byId.put(thing.id(), thing);
        content += thing.content().length;
        Iterator<Kept> oldest = byId.values().iterator();
        while (byId.size() > MOST || content > MOST_CONTENT && byId.size() > 1) {
            content -= oldest.next().content().length;
            oldest.remove();
        }
    }

    synchronized Optional<Kept> get(Kind kind, String id) {
        return Optional.ofNullable(byId.get(id)).filter(thing -> thing.kind() == kind);
    }

    synchronized boolean remove(Kind kind, String id) {
        if (get(kind, id).isEmpty()) {
            return false;
        }
        Optional.ofNullable(byId.remove(id)).ifPresent(gone -> content -= gone.content().length);
        return true;
    }

    synchronized List<Kept> all(Kind kind) {
        return byId.values().stream().filter(thing -> thing.kind() == kind).toList();
    }

    /** What stands for everything that only this endpoint can read again, such as encrypted reasoning. */
    String seal() {
        return seal;
    }

    /** How many requests there were in a row before one that refers to these. */
    int turnsBefore(Asked.References references) {
        return references
                .previousResponse()
                .flatMap(id -> get(Kind.RESPONSE, id))
                .map(Kept::turns)
                .orElse(0);
    }

    /** What a request refers to and is not here. */
    Optional<Refusal> missing(Asked.References references) {
        Optional<String> previous = references.previousResponse().filter(id -> get(Kind.RESPONSE, id)
                .isEmpty());
        if (previous.isPresent()) {
            return Optional.of(new Refusal(
                    400, "400-previous-response", "Previous response with id '" + previous.get() + "' not found."));
        }
        if (!references.encrypted().stream().allMatch(seal::equals)) {
            return Optional.of(Refusal.of(400, "encrypted content that was sealed elsewhere"));
        }
        return references
                .conversation()
                .filter(id -> get(Kind.CONVERSATION, id).isEmpty())
                .map(id -> notHere(Kind.CONVERSATION, id))
                .or(() -> references.files().stream()
                        .filter(id -> get(Kind.FILE, id).isEmpty())
                        .findFirst()
                        .map(id -> notHere(Kind.FILE, id)));
    }

    static Refusal notHere(Kind kind, String id) {
        return new Refusal(404, "404-kept", "not here: " + kind.object + " " + id);
    }
}

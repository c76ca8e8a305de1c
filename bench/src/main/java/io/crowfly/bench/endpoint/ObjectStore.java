package io.crowfly.bench.endpoint;

import io.crowfly.bench.endpoint.dialect.EndpointRefusal;
import io.crowfly.bench.endpoint.request.ParsedRequest;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Store of one simulated endpoint for objects that later requests may refer to. At the limits, the oldest objects are
 * removed. Safe for use by several threads.
 */
final class ObjectStore {

    /** Limit of the number of objects. An object has a few KiB, so a full store has tens of MiB. */
    private static final int MAX_OBJECTS = 10_000;

    /** Limit of the content of all stored files, in bytes. */
    private static final long MAX_CONTENT_BYTES = 128L * 1024 * 1024;

    private final Map<String, StoredObject> byId = new LinkedHashMap<>();
    private final String encryptedContent = "sealed-by-" + UUID.randomUUID();
    private long contentBytes;

    synchronized void put(StoredObject object) {
        remove(object.kind(), object.id());
        byId.put(object.id(), object);
        contentBytes += object.content().length;
        Iterator<StoredObject> oldest = byId.values().iterator();
        while (byId.size() > MAX_OBJECTS || contentBytes > MAX_CONTENT_BYTES && byId.size() > 1) {
            contentBytes -= oldest.next().content().length;
            oldest.remove();
        }
    }

    synchronized Optional<StoredObject> get(ObjectKind kind, String id) {
        return Optional.ofNullable(byId.get(id)).filter(object -> object.kind() == kind);
    }

    synchronized boolean remove(ObjectKind kind, String id) {
        if (get(kind, id).isEmpty()) {
            return false;
        }
        Optional.ofNullable(byId.remove(id)).ifPresent(removed -> contentBytes -= removed.content().length);
        return true;
    }

    synchronized List<StoredObject> list(ObjectKind kind) {
        return byId.values().stream().filter(object -> object.kind() == kind).toList();
    }

    /** Returns the token that stands for content that only this endpoint can decrypt, such as encrypted reasoning. */
    String encryptedContent() {
        return encryptedContent;
    }

    /** Returns the number of earlier requests in the chain of {@code previous_response_id}. */
    int turnsBefore(ParsedRequest.StateReferences references) {
        return references
                .previousResponse()
                .flatMap(id -> get(ObjectKind.RESPONSE, id))
                .map(StoredObject::turnCount)
                .orElse(0);
    }

    /**
     * Returns the refusal of a request that refers to an object that is not stored here; empty if all objects are
     * stored.
     */
    Optional<EndpointRefusal> checkReferences(ParsedRequest.StateReferences references) {
        Optional<String> previous = references.previousResponse().filter(id -> get(ObjectKind.RESPONSE, id)
                .isEmpty());
        if (previous.isPresent()) {
            return Optional.of(new EndpointRefusal(
                    400, "400-previous-response", "Previous response with id '" + previous.get() + "' not found."));
        }
        if (!references.encryptedContents().stream().allMatch(encryptedContent::equals)) {
            return Optional.of(EndpointRefusal.withStatus(400, "the encrypted content is from another endpoint"));
        }
        return references
                .conversation()
                .filter(id -> get(ObjectKind.CONVERSATION, id).isEmpty())
                .map(id -> notFound(ObjectKind.CONVERSATION, id))
                .or(() -> references.files().stream()
                        .filter(id -> get(ObjectKind.FILE, id).isEmpty())
                        .findFirst()
                        .map(id -> notFound(ObjectKind.FILE, id)));
    }

    static EndpointRefusal notFound(ObjectKind kind, String id) {
        return new EndpointRefusal(404, "404-object", "not found here: " + kind.object + " " + id);
    }
}

package io.crowfly.bench.endpoint;

/**
 * Object that a simulated endpoint stores for later requests, for example a response or a file.
 *
 * @param kind its kind
 * @param id its id
 * @param json body of the response that returns the object
 * @param itemsJson elements of the list below the object (a response's input, a conversation's items), as JSON
 * @param content bytes of a file; empty for other kinds
 * @param turnCount number of requests in the chain of responses that ends with this object
 */
record StoredObject(ObjectKind kind, String id, String json, String itemsJson, byte[] content, int turnCount) {

    static StoredObject create(ObjectKind kind, String id, String json) {
        return new StoredObject(kind, id, json, "", new byte[0], 1);
    }

    StoredObject withItems(String more) {
        return new StoredObject(kind, id, json, more, content, turnCount);
    }

    StoredObject withTurns(int count) {
        return new StoredObject(kind, id, json, itemsJson, content, count);
    }

    StoredObject withContent(byte[] bytes) {
        return new StoredObject(kind, id, json, itemsJson, bytes, turnCount);
    }
}

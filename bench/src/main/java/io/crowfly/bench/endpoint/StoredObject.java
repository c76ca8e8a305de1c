package io.crowfly.bench.endpoint;

/**
 * One object that an endpoint stores for later requests.
 *
 * @param json the body of the response that shows the object
 * @param itemsJson the elements of the list below the object (a response's input, a conversation's items), as JSON
 * @param content the bytes of a file
 * @param turnCount number of requests in the chain that ends with this object, this request included
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

package io.crowfly.bench.endpoint;

/**
 * One thing that an endpoint keeps.
 *
 * @param json as it is shown
 * @param itemsJson the elements of the list below it (a response's input, a conversation's items), in JSON
 * @param content of a file
 * @param turnCount how many requests stand in a row up to here, this one included
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

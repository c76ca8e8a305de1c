package io.crowfly.bench.endpoint;

/**
 * One thing that an endpoint keeps.
 *
 * @param json as it is shown
 * @param items the elements of the list below it (a response's input, a conversation's items), in JSON
 * @param content of a file
 * @param turns how many requests stand in a row up to here, this one included
 */
record Kept(Kind kind, String id, String json, String items, byte[] content, int turns) {

    static Kept of(Kind kind, String id, String json) {
        return new Kept(kind, id, json, "", new byte[0], 1);
    }

    Kept withItems(String more) {
        return new Kept(kind, id, json, more, content, turns);
    }

    Kept withTurns(int count) {
        return new Kept(kind, id, json, items, content, count);
    }

    Kept withContent(byte[] bytes) {
        return new Kept(kind, id, json, items, bytes, turns);
    }
}

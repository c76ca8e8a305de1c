package io.crowfly.balancer;

import io.crowfly.probes.state.StateFormatException;
import io.crowfly.probes.state.StateReader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Document that a process passes to the process that replaces it: who has written it, and what that process has
 * learned. It has no secrets: no credential, no conf, no body. Ids of stored state are as in the URLs of their
 * requests; of a client secret it has only a hash.
 *
 * @param instance random id of the process that has written the document
 * @param version of that process
 * @param eventLoops number of its event loops, and so of its sockets on each address
 * @param backends levels, load curves, probe latencies, ejections and parkings
 * @param owners id and backend in turn, the last used id first
 */
record Learned(String instance, String version, int eventLoops, Map<String, Object> backends, List<String> owners) {

    /**
     * Maximum number of owners in the document, about 5 MB. An owner that is not among them is found again at the first
     * request for its id, as after a restart.
     */
    static final int MAX_OWNERS = 50_000;

    Map<String, Object> tree() {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("instance", instance);
        tree.put("version", version);
        tree.put("eventLoops", eventLoops);
        tree.put("learned", backends);
        tree.put("owners", owners);
        return tree;
    }

    /** @throws StateFormatException if the tree is not such a document */
    static Learned of(Map<String, Object> tree) {
        StateReader reader = new StateReader(tree, 0);
        if (!(tree.get("learned") instanceof Map<?, ?> found)) {
            throw new StateFormatException("`learned` must be an object");
        }
        Map<String, Object> backends = new LinkedHashMap<>();
        found.forEach((name, value) -> backends.put((String) name, value));
        return new Learned(
                reader.text("instance", ""),
                reader.text("version", ""),
                (int) Math.max(0, Math.min(Short.MAX_VALUE, reader.whole("eventLoops", 0))),
                backends,
                reader.texts("owners"));
    }
}

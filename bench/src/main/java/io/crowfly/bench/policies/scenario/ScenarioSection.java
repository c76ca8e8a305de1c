package io.crowfly.bench.policies.scenario;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/**
 * Mapping in a scenario file: returns values by key, and remembers which keys were read. {@link #rejectUnknownKeys}
 * reports the other keys as problems.
 */
final class ScenarioSection {

    private final String file;
    private final Node node;
    private final Map<String, ScenarioValue> values;
    private final Set<String> knownKeys = new TreeSet<>();

    ScenarioSection(String file, Node node, Map<String, ScenarioValue> values) {
        this.file = file;
        this.node = node;
        this.values = values;
    }

    Optional<ScenarioValue> optional(String key) {
        knownKeys.add(key);
        return Optional.ofNullable(values.get(key));
    }

    ScenarioValue required(String key) throws ScenarioException {
        Optional<ScenarioValue> value = optional(key);
        if (value.isEmpty()) {
            throw ScenarioValue.problemAt(file, node, "`" + key + "` is missing");
        }
        return value.get();
    }

    ScenarioException problem(String problem) {
        return ScenarioValue.problemAt(file, node, problem);
    }

    /** @throws ScenarioException if there is an unknown key; the message has its position */
    void rejectUnknownKeys() throws ScenarioException {
        for (NodeTuple tuple : ((MappingNode) node).getValue()) {
            String key = ((ScalarNode) tuple.getKeyNode()).getValue();
            if (!knownKeys.contains(key)) {
                throw ScenarioValue.problemAt(
                        file,
                        tuple.getKeyNode(),
                        "unknown key `" + key + "`; the keys are " + String.join(", ", knownKeys));
            }
        }
    }
}

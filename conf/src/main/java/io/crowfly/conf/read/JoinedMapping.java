package io.crowfly.conf.read;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Join of the keys of several files into one mapping. Sections that stand in several files are joined key by key, and
 * so are the lists of listeners and of backends, whose order has no meaning. Any other key that stands in two files is
 * in the result twice, and the readers then report it like a key that stands twice in one file.
 */
final class JoinedMapping {

    private static final Set<String> JOINED_LISTS = Set.of("listeners", "backends");

    private final MappingNode place;
    private final List<NodeTuple> tuples = new ArrayList<>();

    /** @param place the mapping that includes the others */
    JoinedMapping(MappingNode place) {
        this.place = place;
    }

    /** Adds the keys of one file. */
    void add(List<NodeTuple> keysOfFile) {
        List<NodeTuple> fromOtherFiles = new ArrayList<>(tuples);
        for (NodeTuple tuple : keysOfFile) {
            // A key of another file is joined once, so that a key that stands twice in this file is reported.
            Optional<NodeTuple> other = fromOtherFiles.stream()
                    .filter(candidate -> isSameKey(candidate.getKeyNode(), tuple.getKeyNode()))
                    .findFirst();
            Optional<Node> joined =
                    other.flatMap(o -> join(tuple.getKeyNode(), o.getValueNode(), tuple.getValueNode()));
            if (joined.isPresent()) {
                tuples.set(tuples.indexOf(other.orElseThrow()), new NodeTuple(tuple.getKeyNode(), joined.get()));
                fromOtherFiles.remove(other.orElseThrow());
            } else {
                tuples.add(tuple);
            }
        }
    }

    MappingNode node() {
        return new MappingNode(
                place.getTag(), true, tuples, place.getFlowStyle(), place.getStartMark(), place.getEndMark());
    }

    private static boolean isSameKey(Node one, Node other) {
        return one instanceof ScalarNode a
                && other instanceof ScalarNode b
                && a.getValue().equals(b.getValue());
    }

    private static Optional<Node> join(Node key, Node one, Node other) {
        if (isNull(one)) {
            return Optional.of(other);
        } else if (isNull(other)) {
            return Optional.of(one);
        } else if (one instanceof MappingNode a && other instanceof MappingNode b) {
            JoinedMapping joined = new JoinedMapping(b);
            joined.add(a.getValue());
            joined.add(b.getValue());
            return Optional.of(joined.node());
        } else if (one instanceof SequenceNode a
                && other instanceof SequenceNode b
                && key instanceof ScalarNode name
                && JOINED_LISTS.contains(name.getValue())) {
            List<Node> items = new ArrayList<>(a.getValue());
            items.addAll(b.getValue());
            return Optional.of(
                    new SequenceNode(b.getTag(), true, items, b.getFlowStyle(), b.getStartMark(), b.getEndMark()));
        }
        return Optional.empty();
    }

    private static boolean isNull(Node node) {
        return node instanceof ScalarNode && node.getTag().equals(Tag.NULL);
    }
}

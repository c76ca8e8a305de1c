package io.crowfly.conf.read.field;

import java.nio.file.Path;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * Place in the conf file or in a file that the conf includes.
 *
 * @param file path as the command line, or the key {@code include}, gives the path
 * @param line counted from 1
 * @param column counted from 1
 */
public record Place(Path file, int line, int column) {

    public static Place startOf(Path file) {
        return new Place(file, 1, 1);
    }

    public static Place of(Node node) {
        return of(node.getStartMark().orElseThrow());
    }

    /** @param mark of a parser whose label is the path of the file */
    public static Place of(Mark mark) {
        return new Place(Path.of(mark.getName()), mark.getLine() + 1, mark.getColumn() + 1);
    }

    /** Returns this place for a message about another place, which names the file only if the files differ. */
    String seenFrom(Place other) {
        return (file.equals(other.file) ? "" : "in " + file + " ") + "on line " + line;
    }
}

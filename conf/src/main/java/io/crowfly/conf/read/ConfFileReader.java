package io.crowfly.conf.read;

import io.crowfly.conf.file.ConfFiles;
import io.crowfly.conf.read.field.Field;
import io.crowfly.conf.read.field.Place;
import io.crowfly.conf.read.field.ReadContext;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/**
 * Reader of the YAML tree of a conf file and of the files that its key {@code include} names. The keys of an included
 * file are read as if they stood in the including file, and every node keeps the place in its own file.
 */
final class ConfFileReader {

    /** Maximum size of one file, in bytes. Enough for a few thousand backends. */
    static final int MAX_FILE_SIZE = 1 << 20;

    /** Maximum number of files, so that a chain of files cannot overflow the stack. */
    private static final int MAX_FILES = 100;

    private static final String INCLUDE = "include";

    private final ReadContext reading;

    /** The files that were read, without symbolic links, so that each file is read once. */
    private final Set<Path> files = new HashSet<>();

    /** The files from the conf file to the one that is read now, each included by the one before. */
    private final List<Path> open = new ArrayList<>();

    ConfFileReader(ReadContext reading) {
        this.reading = reading;
    }

    /** Returns the joined tree; empty if a problem was reported. */
    Optional<MappingNode> read(Path file) {
        try {
            return tree(file);
        } catch (ConfFiles.UnreadableFileException e) {
            reading.problems()
                    .add(Place.startOf(file), "the conf file " + e.reason(), "give the path of a readable YAML file");
            return Optional.empty();
        }
    }

    private Optional<MappingNode> tree(Path file) throws ConfFiles.UnreadableFileException {
        byte[] bytes = reading.files().readConf(file, MAX_FILE_SIZE);
        files.add(identity(file));
        open.add(identity(file));
        Optional<MappingNode> tree =
                new YamlParser(file, reading.problems()).compose(bytes).flatMap(this::withIncludedFiles);
        open.remove(open.size() - 1);
        return tree;
    }

    /**
     * Returns the mapping joined with those of its included files; empty after a problem in one of them, because
     * further problems could be consequences of that one.
     */
    private Optional<MappingNode> withIncludedFiles(MappingNode own) {
        List<NodeTuple> ownKeys = new ArrayList<>(own.getValue());
        boolean includes = ownKeys.removeIf(tuple ->
                tuple.getKeyNode() instanceof ScalarNode key && key.getValue().equals(INCLUDE));
        if (!includes) {
            return Optional.of(own);
        }
        int problems = reading.problems().count();
        JoinedMapping joined = new JoinedMapping(own);
        new Field("the file", own, own, reading)
                .entries().stream()
                        .filter(key -> key.name().equals(INCLUDE))
                        .flatMap(key -> key.isList() ? key.items().stream() : Stream.of(key))
                        .forEach(name ->
                                path(name).flatMap(path -> included(name, path)).ifPresent(joined::add));
        joined.add(ownKeys);
        return reading.problems().count() == problems ? Optional.of(joined.node()) : Optional.empty();
    }

    /** Returns the path for messages too: relative if the path of the including file is. */
    private static Optional<Path> path(Field name) {
        return name.path().flatMap(valid -> name.text()).map(name.place().file()::resolveSibling);
    }

    private Optional<List<NodeTuple>> included(Field name, Path path) {
        if (open.contains(identity(path))) {
            name.problem(
                    name.quoted() + " includes this file, so the files include each other", "remove one `include`");
        } else if (files.contains(identity(path))) {
            name.problem(name.quoted() + " is included already", "remove it: its keys are in force once");
        } else if (files.size() == MAX_FILES) {
            name.problem("a conf may have at most " + MAX_FILES + " files", "join some of the included files");
        } else {
            try {
                return tree(path).map(MappingNode::getValue);
            } catch (ConfFiles.UnreadableFileException e) {
                name.problem(
                        "the included file " + name.quoted() + " " + e.reason(),
                        "name a readable YAML file (relative paths start at this file's directory)");
            }
        }
        return Optional.empty();
    }

    private static Path identity(Path file) {
        try {
            return file.toRealPath();
        } catch (IOException e) {
            return file.toAbsolutePath().normalize();
        }
    }
}

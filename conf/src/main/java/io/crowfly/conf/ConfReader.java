package io.crowfly.conf;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.MappingNode;

/**
 * Reads a conf file and everything that it names, and tells either what it means or everything that is wrong with it. It
 * never throws for what is in a file, nor for what is not.
 *
 * <p>Safe for use by several threads. Reading blocks on files and is not for an event loop.
 */
public final class ConfReader {

    /** Bytes; some thousand backends fit in. */
    static final int MAX_FILE_SIZE = 1 << 20;

    private static final BindAddress ADMIN_BIND = new BindAddress.Tcp("127.0.0.1", 9901);

    private final Map<String, String> environment;

    /** @param environment what {@code ${env:NAME}} stands for; usually {@link System#getenv()} */
    public ConfReader(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    /** @param file shown in problems as it is given here; relative paths inside it start at its directory */
    public ConfResult read(Path file) {
        Problems problems = new Problems(file);
        ConfFiles files = new ConfFiles(file);
        Reading reading = new Reading(problems, files, new Substitution(problems, files, environment));
        Optional<Conf> conf = root(file, reading).map(root -> conf(root, reading));
        return conf.isPresent() && problems.isEmpty()
                ? new ConfResult.Valid(conf.get(), files.filesRead())
                : new ConfResult.Invalid(problems.inOrder(), files.filesRead());
    }

    private static Optional<MappingNode> root(Path file, Reading reading) {
        try {
            return new YamlSource(reading.problems()).compose(reading.files().read(file, MAX_FILE_SIZE));
        } catch (ConfFiles.Unreadable e) {
            reading.problems().add(1, 1, "the conf file " + e.why(), "give the path of a readable YAML file");
            return Optional.empty();
        }
    }

    private static Conf conf(MappingNode root, Reading reading) {
        Fields fields = new Field("the file", root, root, reading).fields(Section.FILE);
        Optional<Field> adminBind =
                fields.find("admin").map(f -> f.fields(Section.ADMIN)).flatMap(f -> f.find("bind"));
        BindAddresses binds = new BindAddresses();
        if (adminBind.isEmpty()) {
            binds.reserve(ADMIN_BIND, "admin, whose default it is");
        }
        ProbesReader.Settings probes =
                fields.find("probes").map(ProbesReader::read).orElse(ProbesReader.Settings.NONE);
        List<Listener> listeners = fields.require("listeners", "add a list of at least one")
                .map(new ListenersReader(binds)::read)
                .orElse(List.of());
        int problems = reading.problems().count();
        List<Backend> backends = fields.require("backends", "add a list of at least one")
                .map(new BackendsReader(probes)::read)
                .orElse(List.of());
        boolean sound = reading.problems().count() == problems;
        return new Conf(
                fields.find("region").flatMap(Names::read).orElse(""),
                listeners,
                new Admin(adminBind.flatMap(f -> binds.read(f, "admin")).orElse(ADMIN_BIND)),
                backends,
                RoutingReader.read(fields.find("routing"), sound ? backends : List.of()),
                BoundsReader.timeouts(fields.find("timeouts")),
                BoundsReader.limits(fields.find("limits")),
                fields.find("state")
                        .map(f -> StateReader.read(f, sound ? backends : List.of()))
                        .orElse(State.DEFAULT),
                fields.find("access-log").flatMap(AccessLogReader::read),
                fields.find("trace-decisions").flatMap(Field::flag).orElse(false));
    }
}

package io.crowfly.conf.read;

import io.crowfly.conf.Backend;
import io.crowfly.conf.Conf;
import io.crowfly.conf.Listener;
import io.crowfly.conf.State;
import io.crowfly.conf.file.ConfFiles;
import io.crowfly.conf.file.ConfTexts;
import io.crowfly.conf.read.backend.BackendsReader;
import io.crowfly.conf.read.backend.ProbesReader;
import io.crowfly.conf.read.field.Field;
import io.crowfly.conf.read.field.NameReader;
import io.crowfly.conf.read.field.ProblemCollector;
import io.crowfly.conf.read.field.ReadContext;
import io.crowfly.conf.read.field.Section;
import io.crowfly.conf.read.field.SectionFields;
import io.crowfly.conf.read.field.Substitution;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.MappingNode;

/**
 * Reader of a conf file, its included files and the files that the conf names. Returns either the conf or all problems.
 * Content or absence of a file never leads to an exception.
 *
 * <p>Safe for use by several threads. Reading blocks on files, so do not call the reader on an event loop.
 */
public final class ConfReader {

    private final Map<String, String> environment;
    private final Clock clock;
    private final JvmMemory memory;

    /** Creates a reader that does not compare the conf with the memory of a JVM. */
    public ConfReader(Map<String, String> environment) {
        this(environment, JvmMemory.UNLIMITED);
    }

    /**
     * @param environment variables for {@code ${env:NAME}}; usually {@link System#getenv()}
     * @param memory of the JVM that is to run on the conf
     */
    public ConfReader(Map<String, String> environment, JvmMemory memory) {
        this(environment, memory, Clock.systemUTC());
    }

    /** @param clock tells which certificates are valid */
    public ConfReader(Map<String, String> environment, JvmMemory memory, Clock clock) {
        this.environment = Map.copyOf(environment);
        this.memory = memory;
        this.clock = clock;
    }

    /**
     * Reads a conf file and checks it.
     *
     * @param file path that problems contain exactly as given here; relative paths in a file start at the directory of
     *     that file
     */
    public ConfResult read(Path file) {
        return read(file, ConfTexts.NONE);
    }

    /**
     * Reads a conf of former texts and checks it.
     *
     * @param former texts of the conf file and its included files, which are read instead of the files on the disk
     */
    public ConfResult read(Path file, ConfTexts former) {
        ProblemCollector problems = new ProblemCollector(file);
        ConfFiles files = new ConfFiles(former);
        ReadContext reading = new ReadContext(problems, files, new Substitution(problems, files, environment), clock);
        BindAddressReader binds = new BindAddressReader();
        Optional<Conf> conf = new ConfFileReader(reading).read(file).map(root -> conf(root, reading, memory, binds));
        return conf.isPresent() && problems.isEmpty()
                ? new ConfResult.Valid(
                        conf.get(), problems.warningsInFileOrder(), files.watchedFiles(), binds.places(), files.texts())
                : new ConfResult.Invalid(problems.inFileOrder(), files.watchedFiles());
    }

    private static Conf conf(MappingNode root, ReadContext reading, JvmMemory memory, BindAddressReader binds) {
        SectionFields fields = new Field("the file", root, root, reading).fields(Section.FILE);
        AdminReader admin = new AdminReader(fields.find("admin"), binds);
        ProbesReader.Settings probes =
                fields.find("probes").map(ProbesReader::read).orElse(ProbesReader.Settings.NONE);
        List<Listener> listeners = fields.require("listeners", "add a list of at least one listener")
                .map(new ListenersReader(binds)::read)
                .orElse(List.of());
        int problems = reading.problems().count();
        BackendsReader backendsReader = new BackendsReader(probes);
        List<Backend> backends = fields.require("backends", "add a list of at least one backend")
                .map(backendsReader::read)
                .orElse(List.of());
        boolean backendsValid = reading.problems().count() == problems;
        return new Conf(
                fields.find("region").flatMap(NameReader::read).orElse(""),
                listeners,
                admin.read(),
                backends,
                RoutingReader.read(
                        fields.find("routing"), backendsValid ? backends : List.of(), backendsReader.weights()),
                TimeoutsAndLimitsReader.timeouts(fields.find("timeouts")),
                TimeoutsAndLimitsReader.limits(fields.find("limits"), memory, backendsReader.maxInFlight()),
                fields.find("state")
                        .map(f -> StateReader.read(f, backendsValid ? backends : List.of()))
                        .orElse(State.DEFAULT),
                fields.find("access-log").flatMap(AccessLogReader::read),
                fields.find("trace-decisions").flatMap(Field::flag).orElse(false));
    }
}

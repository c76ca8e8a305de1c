package io.crowfly.balancer;

import io.crowfly.conf.Conf;
import io.crowfly.conf.ConfReader;
import io.crowfly.conf.ConfResult;
import io.crowfly.conf.ConfWatcher;
import io.crowfly.conf.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running balancer that follows one conf file. Safe for use by several threads. */
public final class Balancer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Balancer.class);

    private final Path file;
    private final ConfReader reader;
    private final Engine engine;
    private final ConfWatcher watcher;
    private long generation;

    private Balancer(Path file, Map<String, String> environment) {
        this.file = file;
        reader = new ConfReader(environment);
        engine = new Engine(loop -> outcome -> {}, (backend, result) -> {});
        watcher = new ConfWatcher(ConfWatcher.USUAL_INTERVAL, this::reload);
    }

    /**
     * Starts on a conf file, with the process's environment.
     *
     * @throws InvalidConfException if the file can't be put in force
     */
    public static Balancer start(Path file) throws InvalidConfException {
        Balancer balancer = new Balancer(file, System.getenv());
        List<Problem> problems = balancer.reload();
        if (!problems.isEmpty()) {
            balancer.close();
            throw new InvalidConfException(problems);
        }
        return balancer;
    }

    /**
     * Reads the conf file again and puts it in force, or changes nothing.
     *
     * @return what is wrong with it; empty if it is in force
     */
    public synchronized List<Problem> reload() {
        ConfResult result = reader.read(file);
        watcher.watch(result.files());
        if (result instanceof ConfResult.Valid valid) {
            return apply(valid.conf());
        }
        List<Problem> problems = ((ConfResult.Invalid) result).problems();
        problems.forEach(problem -> LOG.error("conf not taken: {}", problem));
        return problems;
    }

    private List<Problem> apply(Conf conf) {
        try {
            engine.apply(conf, generation + 1);
            generation++;
            LOG.info("conf generation {} is in force", generation);
            return List.of();
        } catch (IOException e) {
            Problem problem = new Problem(file, 1, 1, String.valueOf(e.getMessage()), "nothing was changed");
            LOG.error("conf not taken: {}", problem);
            return List.of(problem);
        }
    }

    /** The port that a listener is bound to. */
    public int port(String listener) {
        return engine.listeners().port(listener);
    }

    @Override
    public void close() {
        watcher.close();
        engine.close();
    }
}

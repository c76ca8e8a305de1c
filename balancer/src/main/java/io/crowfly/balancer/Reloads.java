package io.crowfly.balancer;

import io.crowfly.balancer.admin.LastReload;
import io.crowfly.balancer.metrics.Metrics;
import io.crowfly.conf.Conf;
import io.crowfly.conf.ConfReader;
import io.crowfly.conf.ConfResult;
import io.crowfly.conf.ConfWatcher;
import io.crowfly.conf.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the conf file whenever it changes or somebody asks, has it put in force, and keeps what came of it. A conf equal to
 * the one in force is put in force as well: the certificates that it names may be new. Safe for use by several threads; one
 * reload at a time.
 */
final class Reloads implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Reloads.class);

    /** Puts a conf in force as a whole, or throws and changes nothing. */
    interface Target {
        void putInForce(Conf conf) throws IOException;
    }

    private final Path file;
    private final ConfReader reader;
    private final Target target;
    private final Metrics metrics;
    private final ConfWatcher watcher = new ConfWatcher(ConfWatcher.USUAL_INTERVAL, this::reload);
    private boolean ended;
    private volatile Optional<LastReload> last = Optional.empty();

    Reloads(Path file, ConfReader reader, Target target, Metrics metrics) {
        this.file = file;
        this.reader = reader;
        this.target = target;
        this.metrics = metrics;
    }

    /** @return what is wrong with the file; empty if it is in force */
    synchronized List<Problem> reload() {
        if (ended) {
            return List.of(new Problem(
                    file, 1, 1, "the conf is not read any more, as the process is ending", "start another one"));
        }
        ConfResult result = reader.read(file);
        watcher.watch(result.files());
        List<Problem> problems = result instanceof ConfResult.Valid valid
                ? putInForce(valid.conf())
                : ((ConfResult.Invalid) result).problems();
        if (last.isPresent()) { // at start-up whoever starts it is told
            problems.forEach(problem -> LOG.error("conf not taken: {}", problem));
        }
        metrics.countReload(problems.isEmpty());
        last = Optional.of(new LastReload(Instant.now(), problems));
        return problems;
    }

    private List<Problem> putInForce(Conf conf) {
        try {
            target.putInForce(conf);
            return List.of();
        } catch (IOException e) {
            // What only the attempt shows, such as an address that somebody else has, stands nowhere in the file.
            return List.of(new Problem(
                    file,
                    1,
                    1,
                    String.valueOf(e.getMessage()),
                    "nothing was changed; mend it and save the file again"));
        } catch (RuntimeException e) {
            LOG.error("a fault of our own kept a conf from being taken", e);
            return List.of(new Problem(
                    file, 1, 1, "a fault of our own: " + e.getMessage(), "nothing was changed; please report it"));
        }
    }

    /** There is none before the first. */
    LastReload last() {
        return last.orElseThrow();
    }

    /** Waits for a reload that is under way; there is none after it. */
    @Override
    public void close() {
        watcher.close();
        synchronized (this) {
            ended = true;
        }
    }
}

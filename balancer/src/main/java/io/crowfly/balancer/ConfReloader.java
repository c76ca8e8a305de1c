package io.crowfly.balancer;

import io.crowfly.balancer.admin.LastReload;
import io.crowfly.balancer.metrics.Metrics;
import io.crowfly.balancer.transport.BindFailedException;
import io.crowfly.conf.Conf;
import io.crowfly.conf.Problem;
import io.crowfly.conf.file.ConfTexts;
import io.crowfly.conf.file.ConfWatcher;
import io.crowfly.conf.file.LastGoodConf;
import io.crowfly.conf.read.ConfReader;
import io.crowfly.conf.read.ConfResult;
import io.crowfly.conf.read.field.Place;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reloader that reads the conf file when the file changes or a reload is requested, puts the conf in force, and keeps
 * the result. A conf equal to the one in force is put in force as well, because the certificates that it names may be
 * new. Safe for use by several threads; one reload at a time.
 */
final class ConfReloader implements AutoCloseable {

    private static final String PROCESS_ENDS = "this process ends";

    private static final Logger LOG = LoggerFactory.getLogger(ConfReloader.class);

    /** Receiver of a new conf. It puts the conf in force as a whole, or throws an exception and changes nothing. */
    interface ConfTarget {
        void putInForce(Conf conf) throws IOException;
    }

    private final Path file;
    private final ConfReader reader;
    private final ConfTarget target;
    private final Optional<LastGoodConf> lastGood;
    private final boolean startsFromLastGood;
    private final Metrics metrics;
    private final SystemdNotifier systemd;
    private final ConfWatcher watcher = new ConfWatcher(ConfWatcher.DEFAULT_INTERVAL, this::reload);
    private boolean closed;
    private volatile Optional<LastReload> lastReload = Optional.empty();

    /**
     * @param lastGood receives each conf that took effect; absent: no copy is kept
     * @param startsFromLastGood whether the caller uses the last good conf if the first reload fails
     */
    ConfReloader(
            Path file,
            ConfReader reader,
            ConfTarget target,
            Optional<LastGoodConf> lastGood,
            boolean startsFromLastGood,
            Metrics metrics,
            SystemdNotifier systemd) {
        this.file = file;
        this.lastGood = lastGood;
        this.startsFromLastGood = startsFromLastGood;
        this.reader = reader;
        this.target = target;
        this.metrics = metrics;
        this.systemd = systemd;
    }

    /**
     * Reads the conf file and puts the conf in force. Blocks.
     *
     * @return the problems of the file; empty if the conf is in force
     */
    synchronized List<Problem> reload() {
        if (closed) {
            return List.of(new Problem(
                    file, 1, 1, "the process is shutting down and does not read the conf", "start a new process"));
        }
        if (lastReload.isEmpty()) { // the start of the process is no reload
            return readAndPutInForce();
        }
        systemd.reloading();
        try {
            return readAndPutInForce();
        } finally {
            systemd.ready(); // also after a refused file: the process runs on with the old conf
        }
    }

    private List<Problem> readAndPutInForce() {
        ConfResult result = reader.read(file);
        watcher.watch(result.files());
        List<Problem> problems = result instanceof ConfResult.Valid valid
                ? putInForce(valid, effect())
                : ((ConfResult.Invalid) result).problems();
        if (lastReload.isPresent()) { // at start-up the caller prints the problems
            problems.forEach(problem -> LOG.error("conf not put in force: {}", problem));
        }
        List<Problem> warnings =
                result instanceof ConfResult.Valid valid && problems.isEmpty() ? valid.warnings() : List.of();
        warnings.forEach(warning -> LOG.warn("{}", warning));
        if (result instanceof ConfResult.Valid valid && problems.isEmpty()) {
            lastGood.ifPresent(copy -> save(copy, valid.texts()));
        }
        metrics.countReload(problems.isEmpty());
        lastReload = Optional.of(new LastReload(Instant.now(), problems, warnings));
        return problems;
    }

    private static void save(LastGoodConf copy, ConfTexts texts) {
        try {
            copy.save(texts);
        } catch (IOException e) {
            LOG.info(
                    "the conf could not be copied to {} for `--last-good` ({}); set STATE_DIRECTORY to a directory that"
                            + " Crowfly may write",
                    copy.copy(),
                    e.toString());
        }
    }

    /**
     * Puts the last good conf in force after the first reload has failed. The file is still watched, and takes effect
     * once it is valid.
     *
     * @return the problems of both confs; empty if the last good conf is in force
     */
    synchronized List<Problem> useLastGood(LastGoodConf copy) {
        List<Problem> problemsOfFile = lastReload().problems();
        try {
            ConfResult result = reader.read(file, copy.load());
            List<Problem> problems = result instanceof ConfResult.Valid valid
                    ? putInForce(valid, PROCESS_ENDS)
                    : ((ConfResult.Invalid) result).problems();
            if (problems.isEmpty()) {
                metrics.countStartFromLastGood();
                problemsOfFile.forEach(problem -> LOG.error("conf not put in force: {}", problem));
                LOG.error(
                        "{} has problems, so the process starts from the last good conf, of {}, in {}; correct the file,"
                                + " and it takes effect when it is saved",
                        file,
                        copy.savedAt(),
                        copy.copy());
                if (result instanceof ConfResult.Valid valid) {
                    valid.warnings().forEach(warning -> LOG.warn("in the last good conf: {}", warning));
                }
                return problems;
            }
            return Stream.concat(problemsOfFile.stream(), problems.stream().map(ConfReloader::ofLastGood))
                    .toList();
        } catch (IOException e) {
            LOG.error("the last good conf could not be read: {}", e.getMessage());
            return problemsOfFile;
        }
    }

    /** Returns the problem with a note that the place is in the copy, because the copy has the paths of the files. */
    private static Problem ofLastGood(Problem problem) {
        return new Problem(
                problem.file(),
                problem.line(),
                problem.column(),
                "in the last good conf: " + problem.what(),
                problem.mend());
    }

    /** @param effect what a problem leads to */
    private List<Problem> putInForce(ConfResult.Valid valid, String effect) {
        // Some problems appear only when the conf is put in force, for example an address in use.
        try {
            target.putInForce(valid.conf());
            return List.of();
        } catch (BindFailedException e) {
            return List.of(bindProblem(e, Optional.ofNullable(valid.binds().get(e.address())), effect));
        } catch (IOException e) {
            return List.of(new Problem(
                    file, 1, 1, String.valueOf(e.getMessage()), "correct the cause and save the file; " + effect));
        } catch (RuntimeException e) {
            LOG.error("an internal error prevented a conf from being put in force", e);
            return List.of(new Problem(file, 1, 1, "internal error: " + e.getMessage(), "report it; " + effect));
        }
    }

    /** @param found place of the address; absent for the default of {@code admin.bind} */
    private Problem bindProblem(BindFailedException failure, Optional<Place> found, String effect) {
        Place place = found.orElse(Place.startOf(file));
        String origin = found.isPresent() ? "" : " (the default of `admin.bind`, which the file does not set)";
        String mend = failure.isInUse()
                ? "another process uses the address, perhaps another instance of Crowfly: end that process, or choose "
                        + "another address"
                : "correct the address";
        return new Problem(
                place.file(), place.line(), place.column(), failure.getMessage() + origin, mend + "; " + effect);
    }

    /** Returns what a problem leads to: at start the process ends, later the old conf stays in force. */
    private String effect() {
        if (lastReload.isPresent()) {
            return "nothing was changed";
        }
        return startsFromLastGood ? "the last good conf is tried" : PROCESS_ENDS;
    }

    /** Returns the result of the last reload. Must not be called before the first reload. */
    LastReload lastReload() {
        return lastReload.orElseThrow();
    }

    /** Stops all reloads. Blocks until a reload in progress is complete. */
    @Override
    public void close() {
        watcher.close();
        synchronized (this) {
            closed = true;
        }
    }
}

package io.crowfly.conf.read.field;

import io.crowfly.conf.Problem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * Collector of all problems and warnings of a conf file and its included files, so that an operator can correct them
 * together. A problem quotes a value as the file contains it, never after substitution, because the substituted text
 * may be a secret.
 */
public final class ProblemCollector {

    private static final Comparator<Problem> FILE_ORDER =
            Comparator.comparing(Problem::file).thenComparingInt(Problem::line).thenComparingInt(Problem::column);

    /**
     * Characters that a problem's message must not contain: a message is one line, and quoted text must not send
     * control characters to the operator's terminal.
     */
    private static final Pattern CONTROL = Pattern.compile("[\\p{Cc}\\p{Cf}\\u2028\\u2029]");

    private final Comparator<Problem> order;
    private final List<Problem> problems = new ArrayList<>();
    private final List<Problem> warnings = new ArrayList<>();

    /** @param file the conf file, whose problems come before those of the included files */
    public ProblemCollector(Path file) {
        Comparator<Problem> ofIncludedFiles =
                Comparator.comparing(problem -> !problem.file().equals(file));
        this.order = ofIncludedFiles.thenComparing(FILE_ORDER);
    }

    public void add(Node at, String what, String mend) {
        add(Place.of(at), what, mend);
    }

    public void add(Place at, String what, String mend) {
        problems.add(problem(at, what, mend));
    }

    /** Adds a warning, which does not make the conf invalid. */
    public void warn(Node at, String what, String mend) {
        warnings.add(problem(Place.of(at), what, mend));
    }

    private static Problem problem(Place at, String what, String mend) {
        return new Problem(
                at.file(), at.line(), at.column(), CONTROL.matcher(what).replaceAll(" "), mend);
    }

    /** Returns whether there are no problems. Warnings do not count. */
    public boolean isEmpty() {
        return problems.isEmpty();
    }

    public int count() {
        return problems.size();
    }

    public List<Problem> inFileOrder() {
        return problems.stream().sorted(order).toList();
    }

    public List<Problem> warningsInFileOrder() {
        return warnings.stream().sorted(order).toList();
    }
}

package io.crowfly.conf.read.field;

import io.crowfly.conf.Problem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * Collector of all problems and warnings of one conf file, so that an operator can correct them together. A problem
 * quotes a value as the file contains it, never after substitution, because the substituted text may be a secret.
 */
public final class ProblemCollector {

    private static final Comparator<Problem> FILE_ORDER =
            Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column);

    /**
     * Characters that a problem's message must not contain: a message is one line, and quoted text must not send
     * control characters to the operator's terminal.
     */
    private static final Pattern CONTROL = Pattern.compile("[\\p{Cc}\\p{Cf}\\u2028\\u2029]");

    private final Path file;
    private final List<Problem> problems = new ArrayList<>();
    private final List<Problem> warnings = new ArrayList<>();

    public ProblemCollector(Path file) {
        this.file = file;
    }

    public void add(Node at, String what, String mend) {
        add(at.getStartMark().orElseThrow(), what, mend);
    }

    public void add(Mark at, String what, String mend) {
        add(at.getLine() + 1, at.getColumn() + 1, what, mend);
    }

    public void add(int line, int column, String what, String mend) {
        problems.add(problem(line, column, what, mend));
    }

    /** Adds a warning, which does not make the conf invalid. */
    public void warn(Node at, String what, String mend) {
        Mark start = at.getStartMark().orElseThrow();
        warnings.add(problem(start.getLine() + 1, start.getColumn() + 1, what, mend));
    }

    private Problem problem(int line, int column, String what, String mend) {
        return new Problem(file, line, column, CONTROL.matcher(what).replaceAll(" "), mend);
    }

    /** Returns whether there are no problems. Warnings do not count. */
    public boolean isEmpty() {
        return problems.isEmpty();
    }

    public int count() {
        return problems.size();
    }

    public List<Problem> inFileOrder() {
        return problems.stream().sorted(FILE_ORDER).toList();
    }

    public List<Problem> warningsInFileOrder() {
        return warnings.stream().sorted(FILE_ORDER).toList();
    }
}

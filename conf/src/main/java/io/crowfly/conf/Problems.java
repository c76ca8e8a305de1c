package io.crowfly.conf;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * Gathers what is wrong with one file, so that an operator mends it in one go. What is quoted in a problem is what the
 * file says, never what a substitution made of it: the latter may be a secret.
 */
final class Problems {

    private static final Comparator<Problem> IN_ORDER_OF_THE_FILE =
            Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column);

    /** A problem is one line, and what it quotes must not drive the operator's terminal. */
    private static final Pattern CONTROL = Pattern.compile("[\\p{Cc}\\p{Cf}\\u2028\\u2029]");

    private final Path file;
    private final List<Problem> problems = new ArrayList<>();

    Problems(Path file) {
        this.file = file;
    }

    void add(Node at, String what, String mend) {
        add(at.getStartMark().orElseThrow(), what, mend);
    }

    void add(Mark at, String what, String mend) {
        add(at.getLine() + 1, at.getColumn() + 1, what, mend);
    }

    void add(int line, int column, String what, String mend) {
        problems.add(new Problem(file, line, column, CONTROL.matcher(what).replaceAll(" "), mend));
    }

    boolean isEmpty() {
        return problems.isEmpty();
    }

    int count() {
        return problems.size();
    }

    List<Problem> inOrder() {
        return problems.stream().sorted(IN_ORDER_OF_THE_FILE).toList();
    }
}

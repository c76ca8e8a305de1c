package io.crowfly.conf.read.field;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Spelling suggestions for unknown words in the conf: finds the most similar known word. */
public final class Spelling {

    private Spelling() {}

    /** Returns the known word with the fewest edits from the given word, if at most a third of its letters differ. */
    public static Optional<String> nearest(String given, Collection<String> known) {
        String plain = normalized(given);
        if (plain.length() > 40) {
            return Optional.empty();
        }
        return known.stream()
                .min(Comparator.comparingInt(word -> distance(plain, normalized(word))))
                .filter(word -> distance(plain, normalized(word)) <= Math.max(1, word.length() / 3));
    }

    /**
     * Returns advice for an unknown word: the most similar known word, or a list of all known words.
     *
     * @param withoutAny the result if no word is known
     */
    public static String mend(String given, Collection<String> known, String withoutAny) {
        if (known.isEmpty()) {
            return withoutAny;
        }
        return nearest(given, known)
                .map(nearest -> "did you mean `" + nearest + "`?")
                .orElseGet(() -> "write " + alternatives(List.copyOf(known)));
    }

    private static String alternatives(List<String> words) {
        int last = words.size() - 1;
        return last == 0 ? words.get(0) : String.join(", ", words.subList(0, last)) + " or " + words.get(last);
    }

    private static String normalized(String word) {
        return word.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * Returns the number of edits (insert, delete, replace, swap neighbours) between two words: the optimal string
     * alignment distance, by Wagner and Fischer's table with Damerau's transpositions.
     */
    static int distance(String from, String to) {
        int[][] edits = new int[from.length() + 1][to.length() + 1];
        for (int i = 0; i <= from.length(); i++) {
            for (int j = 0; j <= to.length(); j++) {
                if (i == 0 || j == 0) {
                    edits[i][j] = i + j;
                    continue;
                }
                int replace = edits[i - 1][j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                edits[i][j] = Math.min(replace, 1 + Math.min(edits[i - 1][j], edits[i][j - 1]));
                if (i > 1
                        && j > 1
                        && from.charAt(i - 1) == to.charAt(j - 2)
                        && from.charAt(i - 2) == to.charAt(j - 1)) {
                    edits[i][j] = Math.min(edits[i][j], edits[i - 2][j - 2] + 1);
                }
            }
        }
        return edits[from.length()][to.length()];
    }
}

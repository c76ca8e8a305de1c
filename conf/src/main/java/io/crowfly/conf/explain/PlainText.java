package io.crowfly.conf.explain;

import java.util.regex.Pattern;

/** Plain text of a description that is written in Markdown. */
final class PlainText {

    private static final Pattern LINK = Pattern.compile("\\[([^]]+)]\\([^)]+\\)");
    private static final Pattern EMPHASIS = Pattern.compile("\\*([A-Z][^*]*)\\*");

    private PlainText() {}

    /**
     * Returns the text without links, emphasis and references to the page. Backquotes stay, because they mark values.
     */
    static String of(String markdown) {
        return EMPHASIS.matcher(LINK.matcher(markdown).replaceAll("$1"))
                .replaceAll("$1")
                .replace("see below", "see docs/conf.md");
    }
}

package io.crowfly.conf.file;

import java.nio.file.Path;
import java.util.Map;

/**
 * Texts of a conf file and its included files, before substitution: they contain a secret only if an operator wrote it
 * into the file itself.
 *
 * @param texts by the absolute path of each file
 */
public record ConfTexts(Map<Path, String> texts) {

    /** No texts: every file is read from the disk. */
    public static final ConfTexts NONE = new ConfTexts(Map.of());

    public ConfTexts {
        texts = Map.copyOf(texts);
    }

    /** Leaves the texts out, because they may contain secrets. */
    @Override
    public String toString() {
        return texts.keySet().toString();
    }
}

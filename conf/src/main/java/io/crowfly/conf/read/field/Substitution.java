package io.crowfly.conf.read.field;

import io.crowfly.conf.file.ConfFiles;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * Substitution of {@code ${env:NAME}} and {@code ${file:/path}} in texts of the conf file, so that secrets need not be
 * written there. The characters <code>${</code> cannot be escaped. A text that contains them can come from a file,
 * because inserted text is not substituted again.
 */
public final class Substitution {

    /** Maximum size of a file. A key or token has a few hundred bytes, a JWT a few KiB. */
    private static final int MAX_SECRET_FILE_BYTES = 64 << 10;

    private static final String FORMS = "write ${env:NAME} or ${file:/path}";

    private static final Pattern ONE_FILE = Pattern.compile("\\$\\{file:([^}]+)}");

    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    private final ProblemCollector problems;
    private final ConfFiles files;
    private final Map<String, String> environment;

    public Substitution(ProblemCollector problems, ConfFiles files, Map<String, String> environment) {
        this.problems = problems;
        this.files = files;
        this.environment = environment;
    }

    /** Reader of one file within a size limit; the file is watched for a reload or not, depending on the reader. */
    @FunctionalInterface
    private interface BoundedReader {
        byte[] read(Path file, int limit) throws ConfFiles.UnreadableFileException;
    }

    boolean isSet(String variable) {
        return !environment.getOrDefault(variable, "").isEmpty();
    }

    /** Returns the file if the whole text is {@code ${file:…}}; otherwise empty. */
    Optional<Path> referencedFile(Node at, String text) {
        Matcher reference = ONE_FILE.matcher(text);
        try {
            return reference.matches() && !reference.group(1).isBlank()
                    ? Optional.of(files.resolve(reference.group(1), Place.of(at).file()))
                    : Optional.empty();
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    /**
     * Returns the text after substitution; empty if a problem was reported. If the whole text is {@code ${file:…}}, the
     * file is not watched for a reload.
     */
    Optional<String> expandUnwatched(Node at, String text) {
        Matcher reference = ONE_FILE.matcher(text);
        return reference.matches() ? file(at, reference.group(1), files::readUnwatched) : expand(at, text);
    }

    /**
     * Returns the text after substitution; empty if a problem was reported. Every file in the text is watched for a
     * reload.
     */
    Optional<String> expand(Node at, String text) {
        StringBuilder expanded = new StringBuilder();
        int from = 0;
        for (int open = text.indexOf("${"); open >= 0; open = text.indexOf("${", from)) {
            int close = text.indexOf('}', open);
            if (close < 0) {
                problems.add(at, "`${` is not closed", "close it with `}`");
                return Optional.empty();
            }
            Optional<String> value = value(at, text.substring(open + 2, close));
            if (value.isEmpty()) {
                return value;
            }
            expanded.append(text, from, open).append(value.get());
            from = close + 1;
        }
        return Optional.of(expanded.append(text, from, text.length()).toString());
    }

    private Optional<String> value(Node at, String reference) {
        if (reference.startsWith("env:")) {
            return environment(at, reference.substring("env:".length()));
        } else if (reference.startsWith("file:")) {
            return file(at, reference.substring("file:".length()), files::read);
        }
        // The reference is not quoted, because the operator may have written the secret itself between the braces.
        problems.add(at, "unknown substitution `${…}`", FORMS);
        return Optional.empty();
    }

    private Optional<String> environment(Node at, String name) {
        String value = environment.get(name);
        if (value == null && !VARIABLE.matcher(name).matches()) {
            // The name is not quoted, because a text that is not a valid name may be the secret itself.
            problems.add(at, "`${env:…}` has no valid name of a variable", FORMS);
        } else if (value == null || value.isEmpty()) {
            String state = value == null ? "not set" : "empty";
            problems.add(
                    at,
                    "environment variable `" + name + "` is " + state,
                    "set it where Crowfly is started, or name another variable");
        } else {
            return Optional.of(value);
        }
        return Optional.empty();
    }

    private Optional<String> file(Node at, String name, BoundedReader reader) {
        if (name.isBlank()) {
            problems.add(at, "`${file:}` has no file name", FORMS);
            return Optional.empty();
        }
        try {
            byte[] bytes = reader.read(files.resolve(name, Place.of(at).file()), MAX_SECRET_FILE_BYTES);
            String content = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString()
                    // Editors and `echo` end a file with a line break that is not part of the secret.
                    .replaceFirst("\r?\n\\z", "");
            if (!content.isEmpty()) {
                return Optional.of(content);
            }
            problems.add(at, "file `" + name + "` is empty", "write the value into it");
        } catch (InvalidPathException e) {
            problems.add(at, "`${file:…}` is not a valid file name on this system", "name another file");
        } catch (ConfFiles.UnreadableFileException e) {
            problems.add(
                    at, "file `" + name + "` " + e.reason(), "create it, readable for Crowfly, or name another file");
        } catch (CharacterCodingException e) {
            problems.add(at, "file `" + name + "` is not UTF-8 text", "save it as UTF-8 text, or name another file");
        }
        return Optional.empty();
    }
}

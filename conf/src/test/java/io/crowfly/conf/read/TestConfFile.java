package io.crowfly.conf.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.conf.Backend;
import io.crowfly.conf.Conf;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A conf file in a directory of its own, with certificates beside it, as tests write and read it. */
public final class TestConfFile {

    /** The least that is valid. */
    static final String MINIMAL = """
            listeners:
              - {name: public, bind: "127.0.0.1:8080"}
            backends:
              - {name: one, provider: openai, url: "http://127.0.0.1:9101"}
            """;

    static final Map<String, String> ENVIRONMENT =
            Map.of("KEY", "k-secret-1234", "EMPTY", "", "SPLIT", "a\r\nx-evil: 1", "SPACED", "Bearer t-secret");

    final Path path;

    public TestConfFile(Path directory) {
        this.path = directory.resolve("crowfly.yaml");
    }

    public ConfResult read(String text) {
        return read(text, ENVIRONMENT);
    }

    ConfResult read(String text, Map<String, String> environment) {
        try {
            Files.writeString(path, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new ConfReader(environment).read(path);
    }

    Conf valid(String text) {
        return valid(text, ENVIRONMENT);
    }

    Conf valid(String text, Map<String, String> environment) {
        ConfResult result = read(text, environment);
        assertThat(problems(result)).isEmpty();
        return ((ConfResult.Valid) result).conf();
    }

    /** Each as {@code line:column: what; mend}. */
    List<String> problems(String text) {
        return problems(read(text));
    }

    List<String> problems(ConfResult result) {
        return result instanceof ConfResult.Invalid invalid
                ? invalid.problems().stream()
                        .map(problem ->
                                problem.toString().substring(path.toString().length() + 1))
                        .toList()
                : List.of();
    }

    /** The one backend of a file that has this mapping of it, but for its name. */
    Backend backendOf(String mapping) {
        return backendOf(mapping, ENVIRONMENT);
    }

    Backend backendOf(String mapping, Map<String, String> environment) {
        return valid(oneBackend(mapping), environment).backends().get(0);
    }

    /** A file with one backend that has this mapping, but for its name. */
    static String oneBackend(String mapping) {
        return "listeners: [{name: public, bind: \"127.0.0.1:8080\"}]\nbackends:\n  - {name: one, " + mapping + "}\n";
    }

    /** {@link #MINIMAL} with the backend's mapping continued. */
    public static String backend(String more) {
        return MINIMAL.replace("9101\"}", "9101\", " + more + "}");
    }
}

package io.crowfly.conf.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.conf.Backend;
import io.crowfly.conf.Conf;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;

/** A conf file in its own directory, which tests write and read. */
public final class TestConfFile {

    /** The smallest valid conf. */
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
        return read(text, environment, Clock.systemUTC());
    }

    ConfResult read(String text, Clock clock) {
        return read(text, ENVIRONMENT, clock);
    }

    private ConfResult read(String text, Map<String, String> environment, Clock clock) {
        try {
            Files.writeString(path, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new ConfReader(environment, JvmMemory.UNLIMITED, clock).read(path);
    }

    Conf valid(String text) {
        return valid(text, ENVIRONMENT);
    }

    Conf valid(String text, Map<String, String> environment) {
        ConfResult result = read(text, environment);
        assertThat(problems(result)).isEmpty();
        return ((ConfResult.Valid) result).conf();
    }

    /** Returns each problem as {@code line:column: what; mend}. */
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

    /** Returns the only backend of a conf with this mapping; the name is added. */
    Backend backendOf(String mapping) {
        return backendOf(mapping, ENVIRONMENT);
    }

    Backend backendOf(String mapping, Map<String, String> environment) {
        return valid(oneBackend(mapping), environment).backends().get(0);
    }

    /** Returns a conf with one backend of this mapping; the name is added. */
    static String oneBackend(String mapping) {
        return "listeners: [{name: public, bind: \"127.0.0.1:8080\"}]\nbackends:\n  - {name: one, " + mapping + "}\n";
    }

    /** Returns {@link #MINIMAL} with more keys in the backend's mapping. */
    public static String backend(String more) {
        return MINIMAL.replace("9101\"}", "9101\", " + more + "}");
    }
}

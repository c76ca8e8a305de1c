package io.crowfly.conf.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.conf.AccessLog;
import io.crowfly.conf.Backend;
import io.crowfly.conf.Conf;
import io.crowfly.conf.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IncludeTest {

    private static final String LISTENERS = "listeners: [{name: public, bind: \"127.0.0.1:8080\"}]\n";
    private static final String BACKENDS =
            "backends: [{name: one, provider: openai, url: \"http://127.0.0.1:9101\"}]\n";

    @TempDir
    Path directory;

    private Path write(String name, String text) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private ConfResult read(String text) throws IOException {
        return new ConfReader(Map.of("CLOUD", "azure")).read(write("nl.yaml", text));
    }

    private Conf valid(String text) throws IOException {
        assertThat(problems(text)).isEmpty();
        return ((ConfResult.Valid) read(text)).conf();
    }

    /** Returns each problem as text, with the paths of files relative to the directory of the conf. */
    private List<String> problems(String text) throws IOException {
        return read(text) instanceof ConfResult.Invalid invalid
                ? invalid.problems().stream()
                        .map(Problem::toString)
                        .map(problem -> problem.replace(directory + "/", ""))
                        .toList()
                : List.of();
    }

    @Test
    void joinsSectionsAndTheListsOfListenersAndBackends() throws IOException {
        write("edge.yaml", LISTENERS + "timeouts: {idle: 7s}\nrouting: {retry: {attempts: 5}}\nlimits:\n");
        write("clouds.yaml", BACKENDS + "limits: {body-size: 2MiB}\n");

        Conf conf = valid("""
                include: [edge.yaml, clouds.yaml]
                region: nl
                timeouts: {drain: 8s}
                routing: {retry: {budget: 7%}}
                backends:
                  - {name: two, provider: openai, url: "http://127.0.0.1:9102"}
                """);

        assertThat(conf.region()).isEqualTo("nl");
        assertThat(conf.listeners()).hasSize(1);
        assertThat(conf.backends()).extracting(Backend::name).containsExactly("one", "two");
        assertThat(conf.timeouts().idle()).isEqualTo(Duration.ofSeconds(7));
        assertThat(conf.timeouts().drain()).isEqualTo(Duration.ofSeconds(8));
        assertThat(conf.routing().retry().attempts()).isEqualTo(5);
        assertThat(conf.routing().retry().budget()).isEqualTo(0.07);
        assertThat(conf.limits().bodySize()).isEqualTo(2 << 20);
    }

    @Test
    void anIncludedFileMayIncludeFilesAndTheirPathsStartAtItsOwnDirectory() throws IOException {
        write("shared/all.yaml", "include: deeper/${env:CLOUD}.yaml\n" + LISTENERS + "access-log: deeper/log\n");
        write(
                "shared/deeper/azure.yaml",
                "backends: [{name: one, provider: openai, url: \"http://127.0.0.1:9101\", "
                        + "credential: {bearer: \"x${file:key}\"}}]\n");
        write("shared/deeper/key", "k");

        assertThat(valid("include: shared/all.yaml\n").accessLog())
                .contains(new AccessLog(Optional.of(directory.resolve("shared/deeper/log"))));
    }

    @Test
    void aProblemNamesTheIncludedFileAndItsLine() throws IOException {
        write("shared/edge.yaml", "# shared\n" + LISTENERS + "timeuots: {idle: 7s}\n");
        write("shared/clouds.yaml", BACKENDS + "limits: {body-size: 2MB}\n");

        assertThat(problems("region: [nl]\ninclude: [shared/edge.yaml, shared/clouds.yaml]\n"))
                .satisfiesExactly(
                        own -> assertThat(own).startsWith("nl.yaml:1:9: `region` must be text"),
                        size -> assertThat(size).startsWith("shared/clouds.yaml:2:21: `body-size` is not a size"),
                        key -> assertThat(key).startsWith("shared/edge.yaml:3:1: unknown key `timeuots`"));
    }

    @Test
    void aProblemNamesTheIncludedFileByARelativePathIfThePathOfTheConfIsRelative() throws IOException {
        write("shared/edge.yaml", "region: [nl]\n" + LISTENERS);
        Path conf = Path.of("").toAbsolutePath().relativize(write("nl.yaml", "include: shared/edge.yaml\n" + BACKENDS));

        assertThat(((ConfResult.Invalid) new ConfReader(Map.of()).read(conf)).problems())
                .extracting(Problem::file)
                .containsExactly(conf.resolveSibling("shared/edge.yaml"));
    }

    @Test
    void aKeyThatStandsInTwoFilesIsAProblemThatNamesBoth() throws IOException {
        write("edge.yaml", LISTENERS + "region: eu\nrouting: {rules: []}\n");

        assertThat(problems("include: edge.yaml\nregion: nl\nrouting: {rules: []}\n" + BACKENDS))
                .contains(
                        "nl.yaml:2:1: this key was given before, in edge.yaml on line 2; remove one of them",
                        "nl.yaml:3:11: this key was given before, in edge.yaml on line 3; remove one of them");
    }

    @Test
    void aKeyThatStandsTwiceInOneFileIsAProblemAlthoughItsSectionIsJoined() throws IOException {
        write("edge.yaml", LISTENERS + "limits: {body-size: 1MiB}\n");

        assertThat(problems("include: edge.yaml\nlimits: {head-size: 8KiB}\nlimits: {}\n" + BACKENDS))
                .containsExactly("nl.yaml:3:1: this key was given before, on line 2; remove one of them");
        assertThat(problems("include: edge.yaml\ninclude: edge.yaml\n" + BACKENDS))
                .containsExactly("nl.yaml:2:1: this key was given before, on line 1; remove one of them");
    }

    @Test
    void aNameThatIsUsedInTwoFilesIsAProblem() throws IOException {
        write("clouds.yaml", "# clouds\n" + BACKENDS);

        assertThat(problems("include: clouds.yaml\n" + LISTENERS + BACKENDS))
                .containsExactly(
                        "nl.yaml:3:19: the name `one` is already used in clouds.yaml on line 2; choose another");
    }

    @Test
    void aMissingFileIsAProblemAndItsCreationLeadsToAReload() throws IOException {
        String text = "include: [shared/edge.yaml]\n" + BACKENDS;

        assertThat(problems(text))
                .containsExactly("nl.yaml:1:11: the included file `shared/edge.yaml` does not exist; "
                        + "name a readable YAML file (relative paths start at this file's directory)");
        assertThat(read(text).files().paths()).contains(directory.resolve("shared/edge.yaml"));
    }

    @Test
    void aChangeOfAnIncludedFileLeadsToAReload() throws IOException {
        Path edge = write("edge.yaml", "include: more.yaml\n");
        Path more = write("more.yaml", LISTENERS);

        assertThat(read("include: edge.yaml\n" + BACKENDS).files().paths())
                .containsExactlyInAnyOrder(directory.resolve("nl.yaml"), edge, more);
    }

    @Test
    void aCycleIsAProblem() throws IOException {
        write("a.yaml", "# a\ninclude: b.yaml\n");
        write("b.yaml", "include: [a.yaml]\n");
        String cycle = " includes this file, so the files include each other; remove one `include`";

        assertThat(problems("include: a.yaml\n")).containsExactly("b.yaml:1:11: `a.yaml`" + cycle);
        assertThat(problems("include: ./nl.yaml\n")).containsExactly("nl.yaml:1:10: `./nl.yaml`" + cycle);
    }

    @Test
    void aFileThatIsIncludedTwiceIsAProblem() throws IOException {
        write("edge.yaml", LISTENERS);
        Files.createSymbolicLink(directory.resolve("link.yaml"), Path.of("edge.yaml"));

        assertThat(problems("include: [edge.yaml, link.yaml]\n" + BACKENDS))
                .containsExactly(
                        "nl.yaml:1:22: `link.yaml` is included already; remove it: its keys are in force once");
    }

    @Test
    void aLongChainOfFilesIsAProblem() throws IOException {
        for (int i = 0; i < 200; i++) {
            write(i + ".yaml", "include: " + (i + 1) + ".yaml\n");
        }

        assertThat(problems("include: 0.yaml\n"))
                .containsExactly("98.yaml:1:10: a conf may have at most 100 files; join some of the included files");
    }

    @Test
    void aValueThatIsNoFileNameIsAProblem() throws IOException {
        assertThat(problems("include: 5\n" + BACKENDS))
                .containsExactly("nl.yaml:1:10: `include` must be text, not a number; put it in quotes");
        assertThat(problems("include:\n" + BACKENDS))
                .containsExactly("nl.yaml:1:1: `include` has no value; give it one, or remove the key");
        assertThat(problems("include: {a: b}\n" + BACKENDS))
                .containsExactly("nl.yaml:1:10: `include` must be text, not a mapping; write one value");
    }

    @Test
    void anIncludedFileThatIsNotYamlIsTheOnlyProblem() throws IOException {
        write("edge.yaml", "a: [1\n");
        write("empty.yaml", "# nothing\n");

        assertThat(problems("include: [edge.yaml, empty.yaml]\n" + BACKENDS))
                .satisfiesExactly(
                        brackets -> assertThat(brackets).startsWith("edge.yaml:2:1: not YAML"),
                        empty -> assertThat(empty)
                                .isEqualTo("empty.yaml:1:1: the file is empty; "
                                        + "start it with `listeners:` or `backends:`"));
    }
}

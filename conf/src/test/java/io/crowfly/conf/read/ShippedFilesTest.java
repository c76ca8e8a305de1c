package io.crowfly.conf.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.conf.Backend;
import io.crowfly.conf.BindAddress;
import io.crowfly.conf.Conf;
import io.crowfly.conf.Credential;
import io.crowfly.conf.Probe;
import io.crowfly.conf.Provider;
import io.crowfly.conf.Rule;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The shipped conf files are valid, once certificates are beside them and their variables are set. */
class ShippedFilesTest {

    private static final Path MODULE = Path.of(System.getProperty("basedir", "."));
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{env:(\\w+)}");
    private static final Pattern SECRET_FILE = Pattern.compile("\\bsecrets/[a-z0-9.-]+");

    private static final Pattern NEEDED_FILE = Pattern.compile("\\b(secrets|tls)/[a-z0-9.-]+");

    @TempDir
    Path directory;

    static Stream<Path> regions() throws IOException {
        return Files.list(MODULE.resolve("regions")).sorted();
    }

    static Stream<Path> clouds() throws IOException {
        return Files.list(MODULE.resolve("clouds")).sorted();
    }

    @ParameterizedTest
    @MethodSource("clouds")
    void everyCloudIsValidAndHasACredentialForEveryBackend(Path shipped) throws IOException {
        Conf conf = read(shipped);

        assertThat(conf.backends())
                .noneMatch(Backend::servesEveryModel)
                .noneMatch(backend -> backend.credential() instanceof Credential.None);
    }

    @Test
    void theFilesOfTheCloudsShowEveryKindOfCredentialAndApi() throws IOException {
        Set<Class<?>> providers = new HashSet<>();
        Set<Class<?>> credentials = new HashSet<>();
        for (Path shipped : clouds().toList()) {
            for (Backend backend : read(shipped).backends()) {
                providers.add(backend.provider().getClass());
                credentials.add(backend.credential().getClass());
            }
        }

        assertThat(providers).containsExactlyInAnyOrder(Provider.class.getPermittedSubclasses());
        assertThat(credentials)
                .containsAll(Arrays.stream(Credential.class.getPermittedSubclasses())
                        .filter(kind -> kind != Credential.None.class)
                        .toList());
    }

    @ParameterizedTest
    @MethodSource("regions")
    void bothCloudsServeTheSameModelUnderOneName(Path shipped) throws IOException {
        assertThat(read(shipped).backends()).allMatch(backend -> backend.serves("gpt-4o"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"nl", "no"})
    void aRegionOfTheFleetHasTenLines(String region) throws IOException {
        Files.createDirectories(directory.resolve("shared"));
        for (String shared : List.of("edge.yaml", "europe.yaml")) {
            Path copy = directory.resolve("shared").resolve(shared);
            Files.copy(MODULE.resolve("fleet/shared").resolve(shared), copy);
            writeSecrets(Files.readString(copy));
        }
        Path shipped = MODULE.resolve("fleet").resolve(region + ".yaml");

        assertThat(Files.readAllLines(shipped)).hasSizeLessThanOrEqualTo(10);
        assertThat(read(shipped).region()).isEqualTo(region);
    }

    @Test
    void thereIsAFileForEachCloud() throws IOException {
        assertThat(clouds().map(path -> path.getFileName().toString()))
                .containsExactly("azure.yaml", "coreweave.yaml", "google.yaml", "oracle.yaml", "vllm.yaml");
    }

    @ParameterizedTest
    @MethodSource("regions")
    void everyRegionIsValidAndUsesBothClouds(Path shipped) throws IOException {
        Conf conf = read(shipped);

        assertThat(shipped).hasFileName(conf.region() + ".yaml");
        assertThat(conf.listeners().get(0).bind()).isEqualTo(new BindAddress.Tcp("0.0.0.0", 8443));
        assertThat(conf.listeners().get(0).tls()).isPresent();
        assertThat(conf.backends())
                .allMatch(Backend::tls)
                .noneMatch(Backend::servesEveryModel)
                .noneMatch(backend -> backend.credential() instanceof Credential.None)
                .filteredOn(backend -> backend.provider() instanceof Provider.Azure)
                .hasSizeGreaterThanOrEqualTo(2);
        assertThat(conf.backends())
                .filteredOn(backend -> backend.provider() instanceof Provider.Google)
                .hasSizeGreaterThanOrEqualTo(2)
                .allMatch(backend -> backend.probe().kind() instanceof Probe.Kind.Inference);
    }

    @ParameterizedTest
    @MethodSource("regions")
    void backendsOfTheSameModelHaveTheSameKindOfProbe(Path shipped) throws IOException {
        Conf conf = read(shipped);

        for (Backend one : conf.backends()) {
            assertThat(conf.backends())
                    .filteredOn(other -> one.models().clientNames().stream().anyMatch(other::serves))
                    .allMatch(other -> other.probe().kind().equals(one.probe().kind()));
        }
    }

    @ParameterizedTest
    @MethodSource("regions")
    void rulesInCommentsAreValidToo(Path shipped) throws IOException {
        String rules = Files.readString(shipped).replaceAll("(?m)^  # (rules:|  .*)$", "  $1");
        Path copy = Files.writeString(directory.resolve("uncommented.yaml"), rules);

        assertThat(rules).doesNotContainPattern("# +only: ");
        int written = rules.split("(?m)^ +only: ", -1).length - 1;
        assertThat(read(copy).routing().rules()).hasSize(written);
    }

    static Stream<Path> regionsAndClouds() throws IOException {
        return Stream.concat(regions(), clouds());
    }

    @ParameterizedTest
    @MethodSource("regionsAndClouds")
    void theFirstCommentNamesTheVariablesAndFilesThatAFileNeeds(Path shipped) throws IOException {
        String text = Files.readString(shipped);
        String firstComment = text.substring(0, text.indexOf("\n\n"));
        String conf = text.substring(firstComment.length()).replaceAll("(?m)(^|\\s)#.*", "");
        Set<String> needed = new HashSet<>();
        VARIABLE.matcher(conf).results().forEach(variable -> needed.add(variable.group(1)));
        NEEDED_FILE.matcher(conf).results().forEach(file -> needed.add(file.group()));

        assertThat(needed).isNotEmpty();
        assertThat(firstComment.replaceAll("[,.;\\s]+", " ") + " ")
                .contains(needed.stream()
                        .map(name -> " " + name.replaceAll("[.]", " ") + " ")
                        .toList());
    }

    @Test
    void theRuleThatRefusesWhatNoOtherRuleMatchesIsValidToo() throws IOException {
        String rules = Files.readString(MODULE.resolve("regions/nl.yaml"))
                .replaceAll("(?m)^    # (- name: unknown-zone|  when: .*|  refuse: true)$", "    $1");
        Conf conf = read(Files.writeString(directory.resolve("refusing.yaml"), rules));

        assertThat(conf.routing().rules())
                .last()
                .returns("unknown-zone", Rule::name)
                .returns(true, Rule::refuses);
    }

    @Test
    void thereIsAFileForEachOfTheFiveRegions() throws IOException {
        assertThat(regions().map(path -> path.getFileName().toString()))
                .containsExactly("jp.yaml", "nl.yaml", "no.yaml", "uk.yaml", "us.yaml");
    }

    @Test
    void theDemoIsValidWithoutChanges() {
        ConfResult result = new ConfReader(Map.of()).read(MODULE.resolve("demo.yaml"));

        assertThat(result).isInstanceOf(ConfResult.Valid.class);
        Conf conf = ((ConfResult.Valid) result).conf();
        assertThat(conf.traceDecisions()).isTrue();
        assertThat(conf.backends())
                .extracting(Backend::url)
                .containsExactly(
                        URI.create("http://127.0.0.1:9101"),
                        URI.create("http://127.0.0.1:9102"),
                        URI.create("http://127.0.0.1:9103"));
    }

    private Conf read(Path shipped) throws IOException {
        TestCertificates.EC.writeTo(directory.resolve("tls"));
        Path copy = Files.copy(shipped, directory.resolve(shipped.getFileName()));
        String text = Files.readString(copy);
        writeSecrets(text);
        Map<String, String> environment = new HashMap<>();
        for (Matcher variable = VARIABLE.matcher(text); variable.find(); ) {
            environment.put(variable.group(1), "fake");
        }
        ConfResult result = new ConfReader(environment).read(copy);
        assertThat(result)
                .as(() -> result instanceof ConfResult.Invalid invalid ? "" + invalid.problems() : "")
                .isInstanceOf(ConfResult.Valid.class);
        return ((ConfResult.Valid) result).conf();
    }

    private void writeSecrets(String conf) throws IOException {
        Files.createDirectories(directory.resolve("secrets"));
        for (Matcher file = SECRET_FILE.matcher(conf); file.find(); ) {
            Files.writeString(
                    directory.resolve(file.group()), file.group().endsWith(".json") ? TestServiceAccount.JSON : "fake");
        }
    }
}

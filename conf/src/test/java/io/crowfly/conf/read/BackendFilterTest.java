package io.crowfly.conf.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.conf.Backend;
import io.crowfly.conf.BackendFilter;
import io.crowfly.conf.Conf;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackendFilterTest {

    @TempDir
    Path directory;

    TestConfFile file;

    @BeforeEach
    void file() {
        file = new TestConfFile(directory);
    }

    @Test
    void allowsTheBackendsOfAProvider() {
        assertThat(allowed("{provider: azure}")).containsExactly("weu", "us");
    }

    @Test
    void allowsTheBackendsOfARegion() {
        assertThat(allowed("{region: europe-west4}")).containsExactly("gew4");
    }

    @Test
    void allowsTheBackendsWithAllTheLabels() {
        assertThat(allowed("{labels: {zone: eu}}")).containsExactly("weu", "gew4");
        assertThat(allowed("{labels: {zone: eu, paid: until-june}}")).containsExactly("weu");
    }

    @Test
    void allowsTheNamedBackends() {
        assertThat(allowed("{backends: [us, gew4]}")).containsExactly("us", "gew4");
    }

    @Test
    void allGivenConditionsMustHold() {
        assertThat(allowed("{provider: azure, labels: {zone: eu}}")).containsExactly("weu");
        assertThat(allowed("{labels: {zone: eu}, backends: [us, gew4]}")).containsExactly("gew4");
    }

    private List<String> allowed(String only) {
        Conf conf = file.valid("""
                listeners: [{name: a, bind: "h:1"}]
                backends:
                  - {name: weu, provider: azure, url: "https://a", region: westeurope, labels: {zone: eu, paid: until-june}}
                  - {name: us, provider: azure, url: "https://b", labels: {zone: us}}
                  - {name: gew4, provider: google, url: "https://c", project: p, location: europe-west4, labels: {zone: eu}}
                  - {name: open, provider: openai, url: "https://d"}
                routing: {rules: [{when: {path: /*}, only: %s}]}
                """.formatted(only));
        BackendFilter rule = conf.routing().rules().get(0).filter();
        return conf.backends().stream().filter(rule::allows).map(Backend::name).toList();
    }
}

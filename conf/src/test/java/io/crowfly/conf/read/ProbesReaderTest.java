package io.crowfly.conf.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.conf.Conf;
import io.crowfly.conf.Probe;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProbesReaderTest {

    @TempDir
    Path directory;

    TestConfFile file;

    @BeforeEach
    void file() {
        file = new TestConfFile(directory);
    }

    @Test
    void probesOfABackendOverrideTopLevelProbesKeyByKey() {
        Conf conf = file.valid("probes: {interval: 2s, http: {path: /up}}\n"
                + TestConfFile.backend("probes: {timeout: 100ms, tcp: {}}"));

        Probe probe = conf.backends().get(0).probe();
        assertThat(probe.interval()).isEqualTo(Duration.ofSeconds(2));
        assertThat(probe.timeout()).isEqualTo(Duration.ofMillis(100));
        assertThat(probe.kind()).isEqualTo(new Probe.Kind.Tcp());
    }

    @Test
    void theDefaultProbeUsesNoTokens() {
        Conf conf = file.valid("""
                listeners: [{name: a, bind: "h:1"}]
                backends:
                  - {name: a, provider: azure, url: "https://h"}
                  - {name: b, provider: openai, url: "https://h/eu/"}
                  - {name: c, provider: google, url: "https://h", project: p, location: global}
                  - {name: d, provider: google, url: "http://h", project: p, location: global}
                """);

        assertThat(conf.backends())
                .extracting(backend -> backend.probe().kind())
                .containsExactly(
                        new Probe.Kind.Http("/openai/v1/models", Set.of(200), true),
                        new Probe.Kind.Http("/eu/v1/models", Set.of(200), true),
                        new Probe.Kind.Tls(),
                        new Probe.Kind.Tcp());
        assertThat(conf.backends().get(2).region()).isEqualTo("global");
    }

    @Test
    void theDefaultProbeOfAPassthroughBackendNeedsNoCredential() {
        assertThat(file.backendOf("provider: azure, url: 'https://h', credential: {passthrough: true}")
                        .probe()
                        .kind())
                .isEqualTo(new Probe.Kind.Tls());
        assertThat(file.backendOf("provider: openai, url: 'http://h', credential: {passthrough: true}")
                        .probe()
                        .kind())
                .isEqualTo(new Probe.Kind.Tcp());
    }
}

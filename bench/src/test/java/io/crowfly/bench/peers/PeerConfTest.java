package io.crowfly.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.bench.process.OtherPrograms;
import io.crowfly.bench.process.Programs;
import io.crowfly.conf.read.ConfReader;
import io.crowfly.conf.read.ConfResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PeerConfTest {

    private static final Programs INSTALLED = Programs.installed();

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    void haProxyAcceptsItsConf(PeerScenario scenario) throws IOException, InterruptedException {
        OtherPrograms.assumeInstalled("haproxy");
        for (Peer peer : List.of(new HaProxyPeer(true), new HaProxyPeer(false))) {
            assertThat(complaints("haproxy", "-q", "-c", "-f", conf(peer, scenario)))
                    .as(peer.name())
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void nginxAcceptsItsConf(PeerScenario scenario) throws IOException, InterruptedException {
        OtherPrograms.assumeInstalled("nginx");
        for (Peer peer : List.of(new NginxPeer(true), new NginxPeer(false))) {
            assertThat(complaints("nginx", "-q", "-t", "-e", "stderr", "-c", conf(peer, scenario)))
                    .as(peer.name())
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void crowflyAcceptsItsConf(PeerScenario scenario) throws IOException {
        ConfResult result =
                new ConfReader(Map.of()).read(Path.of(conf(new CrowflyPeer("crowfly run FILE", 1), scenario)));

        assertThat(result).isInstanceOfSatisfying(ConfResult.Valid.class, valid -> assertThat(
                        valid.conf().backends())
                .extracting(backend -> backend.url().getPort())
                .containsExactly(8081, 8082));
    }

    @Test
    void crowflyMayRenameModels() throws IOException {
        CrowflyPeer renaming = new CrowflyPeer("renaming", Map.of("gpt-4o", "a-deployment"), "crowfly run FILE", 1);

        ConfResult result = new ConfReader(Map.of()).read(Path.of(conf(renaming, PeerScenario.POST)));

        assertThat(result).isInstanceOfSatisfying(ConfResult.Valid.class, valid -> assertThat(
                        valid.conf().backends())
                .extracting(backend -> backend.models().backendName("gpt-4o"))
                .containsExactly(Optional.of("a-deployment"), Optional.of("a-deployment")));
    }

    @Test
    void crowflyIsStartedByTheGivenCommandWithItsConf() {
        assertThat(new CrowflyPeer("./crowfly run FILE", 1).command(INSTALLED, Path.of("x.conf")))
                .containsExactly("./crowfly", "run", "x.conf");
    }

    private String conf(Peer peer, PeerScenario scenario) throws IOException {
        TlsFiles.create(scenario.rsa()).writeTo(folder);
        String text = peer.conf(scenario, folder, 8080, List.of(8081, 8082));
        return Files.writeString(folder.resolve("conf"), text).toString();
    }

    private static String complaints(String program, String... arguments) throws IOException, InterruptedException {
        List<String> command = Stream.concat(Stream.of(INSTALLED.path(program)), Stream.of(arguments))
                .toList();
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() == 0 ? output : "exit " + process.exitValue() + ": " + output;
    }
}

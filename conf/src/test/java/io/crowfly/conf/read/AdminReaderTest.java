package io.crowfly.conf.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.conf.Admin;
import io.crowfly.conf.Problem;
import io.crowfly.conf.value.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdminReaderTest {

    @TempDir
    Path directory;

    TestConfFile file;

    @BeforeEach
    void createFile() {
        file = new TestConfFile(directory);
    }

    private Admin admin(String keys) {
        return file.valid(TestConfFile.MINIMAL + "admin: {" + keys + "}").admin();
    }

    private ConfResult.Valid bound(String bind, String more) {
        return (ConfResult.Valid) file.read(TestConfFile.MINIMAL + "admin: {bind: \"" + bind + "\"" + more + "}");
    }

    @Test
    void hostsAreNamesInAnyCase() {
        assertThat(admin("hosts: [Edge-1.contoso.internal, edge_2, 10.0.0.5]").hosts())
                .containsExactlyInAnyOrder("edge-1.contoso.internal", "edge_2", "10.0.0.5");
        assertThat(admin("").hosts()).isEmpty();
    }

    @Test
    void aTokenMayComeFromAVariableOrAFile() throws IOException {
        Files.writeString(directory.resolve("token"), "t-1\n");
        assertThat(admin("token: '${env:KEY}'").token()).contains(new Secret("k-secret-1234"));
        assertThat(admin("token: '${file:token}'").token()).contains(new Secret("t-1"));
        assertThat(admin("").token()).isEmpty();
    }

    /** So that a new token takes effect by itself. */
    @Test
    void theFileOfATokenIsWatched() throws IOException {
        Files.writeString(directory.resolve("token"), "t-1\n");
        assertThat(bound("127.0.0.1:0", ", token: '${file:token}'").files().paths())
                .contains(directory.resolve("token"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0:9901", "[::]:9901", "10.0.0.5:9901", "edge.internal:9901", "[2001:db8::1]:0"})
    void anAddressBeyondLoopbackWithoutATokenCausesAWarning(String bind) {
        assertThat(bound(bind, "").warnings())
                .singleElement()
                .extracting(Problem::toWarning)
                .asString()
                .isEqualTo(file.path + ":5:15: warning: the admin has no `token`, and every host that can connect to `"
                        + bind + "` can read the conf, reload and drain; "
                        + "add `token: \"${file:secrets/admin-token}\"`, or bind 127.0.0.1");
        assertThat(bound(bind, ", token: t").warnings()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"127.0.0.1:9901", "127.9.9.9:0", "[::1]:9901", "[::ffff:127.0.0.1]:0", "LocalHost:1", "unix:s"})
    void anAddressThatOnlyThisMachineReachesCausesNone(String bind) {
        assertThat(bound(bind, "").warnings()).isEmpty();
    }

    @Test
    void theDefaultAddressCausesNoWarning() {
        assertThat(((ConfResult.Valid) file.read(TestConfFile.MINIMAL)).warnings())
                .isEmpty();
    }
}

package io.crowfly.conf.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crowfly.conf.read.ConfReader;
import io.crowfly.conf.read.ConfResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LastGoodConfTest {

    @TempDir
    Path directory;

    Path conf;
    Path shared;
    ConfResult.Valid good;

    @BeforeEach
    void readAGoodConf() throws IOException {
        conf = directory.resolve("nl.yaml");
        shared = directory.resolve("shared.yaml");
        Files.writeString(conf, "include: shared.yaml\nregion: nl\nlisteners: [{name: a, bind: \"127.0.0.1:0\"}]\n");
        Files.writeString(shared, "backends: [{name: one, provider: openai, url: \"${env:URL}\"}]\n");
        good = (ConfResult.Valid) read(ConfTexts.NONE);
    }

    private ConfResult read(ConfTexts former) {
        return new ConfReader(Map.of("URL", "http://127.0.0.1:1")).read(conf, former);
    }

    private LastGoodConf copy() {
        return LastGoodConf.of(conf, Map.of());
    }

    @Test
    void aCopyIsReadLikeTheFilesThatItWasMadeOf() throws IOException {
        copy().save(good.texts());
        Files.writeString(shared, "nonsense");
        Files.delete(conf);

        ConfTexts texts = copy().load();

        assertThat(texts).isEqualTo(good.texts());
        assertThat(texts.texts().keySet()).containsExactlyInAnyOrder(conf, shared);
        assertThat(((ConfResult.Valid) read(texts)).conf()).isEqualTo(good.conf());
    }

    @Test
    void aCopyHoldsNoSubstitutedTextAndOnlyItsOwnerMayReadIt() throws IOException {
        copy().save(good.texts());

        assertThat(Files.readString(copy().copy())).contains("${env:URL}").doesNotContain("127.0.0.1:1\"");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy().copy())))
                .isEqualTo("rw-------");
        assertThat(Files.list(directory)).hasSize(3);
    }

    @Test
    void theSameTextsAreWrittenOnce() throws IOException {
        LastGoodConf copy = copy();
        copy.save(good.texts());
        Files.delete(copy.copy());

        copy.save(good.texts());

        assertThat(copy.copy()).doesNotExist();
    }

    @Test
    void theCopyStandsBesideTheConfOrInTheStateDirectoryOfTheService() {
        assertThat(copy().copy()).isEqualTo(directory.resolve("nl.yaml.last-good"));
        assertThat(LastGoodConf.of(conf, Map.of("STATE_DIRECTORY", "/var/lib/crowfly:/other"))
                        .copy())
                .hasParentRaw(Path.of("/var/lib/crowfly"))
                .asString()
                .matches(".*/nl\\.yaml-[0-9a-f]{8}\\.last-good");
        assertThat(LastGoodConf.of(directory.resolve("other/nl.yaml"), Map.of("STATE_DIRECTORY", "/var/lib/crowfly"))
                        .copy())
                .isNotEqualTo(LastGoodConf.of(conf, Map.of("STATE_DIRECTORY", "/var/lib/crowfly"))
                        .copy());
    }

    @Test
    void aMissingOrForeignCopyIsAnError() throws IOException {
        assertThatThrownBy(() -> copy().load())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("there is no copy");
        Files.writeString(copy().copy(), "{\"a\": ");
        assertThatThrownBy(() -> copy().load()).isInstanceOf(IOException.class);
        for (String foreign : new String[] {"{\"a\": 5}", "[]", "", "{}", "{\"/other.yaml\": \"region: nl\"}"}) {
            Files.writeString(copy().copy(), foreign);
            assertThatThrownBy(() -> copy().load()).as(foreign).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aFileThatIsNotInTheCopyIsNotReadFromTheDisk() throws IOException {
        ConfTexts withoutShared =
                new ConfTexts(Map.of(conf, good.texts().texts().get(conf)));
        assertThat(((ConfResult.Invalid) read(withoutShared)).problems())
                .anyMatch(problem -> problem.what().contains("is not in the last good conf"));
    }
}

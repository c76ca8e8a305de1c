package io.crowfly.conf.explain;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.conf.key.ValueType;
import io.crowfly.conf.read.field.Section;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * The tables of {@code docs/conf.md} and the schema beside the shipped conf files are those of the code. With {@code
 * -Dcrowfly.write-docs=true} this test writes them.
 */
class DocumentationTest {

    private static final Path MODULE = Path.of(System.getProperty("basedir", "."));
    private static final Path CONF_MD = MODULE.resolve("../docs/conf.md");

    private static void isUpToDate(Path file, String generated) throws IOException {
        if (Boolean.getBoolean("crowfly.write-docs")) {
            Files.writeString(file, generated);
        }
        assertThat(Files.readString(file))
                .as("write it with: mvn test -pl conf -Dtest=DocumentationTest -Dcrowfly.write-docs=true")
                .isEqualTo(generated);
    }

    @Test
    void theTablesOfTheKeysAreUpToDate() throws IOException {
        isUpToDate(CONF_MD, KeyTables.inMarkdown(Files.readString(CONF_MD)));
    }

    @Test
    void everyKeyHasARow() throws IOException {
        assertThat(KeyTables.paths(Files.readString(CONF_MD)))
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(Section.values())
                        .filter(section -> !section.keys().isEmpty())
                        .map(section -> section == Section.FILE ? "." : section.path())
                        .toList());
    }

    @Test
    void theSchemaBesideTheShippedFilesIsUpToDate() throws IOException {
        isUpToDate(MODULE.resolve("crowfly.schema.json"), ConfSchema.text());
    }

    @Test
    void everySectionIsTheValueOfAKey() {
        assertThat(Arrays.stream(Section.values())
                        .flatMap(section -> section.descriptions().stream())
                        .flatMap(key -> KeyTables.mappings(key.type()).stream())
                        .map(ValueType.Mapping::section)
                        .map(Section::of))
                .contains(Arrays.stream(Section.values())
                        .filter(section -> section != Section.FILE)
                        .toArray(Section[]::new));
    }
}

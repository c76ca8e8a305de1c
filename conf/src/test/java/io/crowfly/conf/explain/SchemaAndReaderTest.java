package io.crowfly.conf.explain;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.PathType;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import io.crowfly.conf.Conf;
import io.crowfly.conf.Problem;
import io.crowfly.conf.key.Key;
import io.crowfly.conf.read.ConfReader;
import io.crowfly.conf.read.ConfResult;
import io.crowfly.conf.read.field.Section;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** Comparison of the schema with the reader, by a validator of others, on files that the reader accepts or refuses. */
class SchemaAndReaderTest {

    private static final Path MODULE = Path.of(System.getProperty("basedir", "."));
    private static final Path MISTAKES = MODULE.resolve("src/test/resources/io/crowfly/conf/read/mistakes");
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final LoadSettings YAML =
            LoadSettings.builder().setAllowDuplicateKeys(true).build();

    /**
     * Files whose mistakes no schema can find: other files and environment variables, certificates, limits of
     * quantities, and references between sections.
     */
    private static final Set<String> BEYOND_A_SCHEMA = Set.of("held-size.yaml");

    private static final String MINIMAL = """
            listeners:
              - {name: public, bind: "127.0.0.1:8080"}
            backends:
              - {name: one, provider: openai, url: "http://127.0.0.1:9101"}
            """;

    @TempDir
    Path directory;

    static Stream<Path> shipped() throws IOException {
        return Stream.of("", "regions", "clouds", "fleet")
                .map(MODULE::resolve)
                .flatMap(SchemaAndReaderTest::list)
                .filter(path -> path.toString().endsWith(".yaml"));
    }

    static Stream<Path> mistakes() {
        return list(MISTAKES);
    }

    private static Stream<Path> list(Path folder) {
        try {
            return Files.list(folder).sorted();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode json(String yaml) {
        return MAPPER.valueToTree(new Load(YAML).loadFromString(yaml));
    }

    private static Set<ValidationMessage> validate(JsonNode schema, JsonNode value) {
        SchemaValidatorsConfig config =
                SchemaValidatorsConfig.builder().pathType(PathType.JSON_POINTER).build();
        JsonSchema validator =
                JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(schema, config);
        return validator.validate(value);
    }

    private static JsonNode schema() throws IOException {
        return MAPPER.readTree(ConfSchema.text());
    }

    /** Returns the schema of one key. */
    private static JsonNode schemaOf(Section section, Key key) throws IOException {
        ObjectNode schema = (ObjectNode) schema();
        JsonNode properties = section == Section.FILE
                ? schema.at("/properties")
                : schema.get("$defs").get(section.path().replace("[]", "")).get("properties");
        ObjectNode ofKey = MAPPER.createObjectNode();
        ofKey.set("$defs", schema.get("$defs"));
        ofKey.set("properties", properties);
        ofKey.put("additionalProperties", false);
        return ofKey;
    }

    @ParameterizedTest
    @MethodSource("shipped")
    void acceptsEveryShippedFile(Path file) throws IOException {
        assertThat(validate(schema(), json(Files.readString(file)))).isEmpty();
    }

    @Test
    void acceptsTheExampleOfEveryKey() throws IOException {
        for (Section section : Section.values()) {
            for (Key key : section.descriptions()) {
                assertThat(validate(schemaOf(section, key), json(key.example())))
                        .as(section.path() + " " + key.example())
                        .isEmpty();
            }
        }
    }

    @Test
    void theDefaultOfADescriptionIsTheDefaultOfTheReader() throws IOException {
        Conf minimal = read(MINIMAL);
        for (Section section : List.of(
                Section.FILE,
                Section.ADMIN,
                Section.PROBES,
                Section.ROUTING,
                Section.RETRY,
                Section.TIMEOUTS,
                Section.LIMITS,
                Section.STATE)) {
            for (Key key : section.descriptions()) {
                key.literalDefault().ifPresent(value -> assertThat(read(MINIMAL + withSection(section, key, value)))
                        .as(section.path() + " " + key.name())
                        .isEqualTo(minimal));
            }
        }
    }

    /** Returns YAML with one key, at the place of its section. */
    private static String withSection(Section section, Key key, String value) {
        String yaml = key.name() + ": " + value;
        String path = section.path();
        for (int dot = path.length(); dot > 0; dot = path.lastIndexOf('.')) {
            path = path.substring(0, dot);
            yaml = path.substring(path.lastIndexOf('.') + 1) + ": {" + yaml + "}";
        }
        return yaml + "\n";
    }

    private Conf read(String text) {
        try {
            ConfResult result = new ConfReader(Map.of()).read(Files.writeString(directory.resolve("c.yaml"), text));
            assertThat(result).as(text).isInstanceOf(ConfResult.Valid.class);
            return ((ConfResult.Valid) result).conf();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void refusesNothingThatTheReaderAccepts(Path file) throws IOException {
        String text = Files.readString(file);
        ConfResult read = new ConfReader(Map.of("KEY", "k")).read(file);
        List<Integer> lines = ((ConfResult.Invalid) read)
                .problems().stream().map(Problem::line).toList();
        Node root = new Compose(YAML).composeString(text).orElseThrow();

        Set<ValidationMessage> refused = validate(schema(), json(text));

        assertThat(refused.isEmpty())
                .as(file.getFileName() + " " + refused)
                .isEqualTo(BEYOND_A_SCHEMA.contains(file.getFileName().toString()));
        for (ValidationMessage message : refused) {
            Node at = find(root, message.getInstanceLocation().toString());
            int from = at.getStartMark().orElseThrow().getLine() + 1;
            int to = at.getEndMark().orElseThrow().getLine() + 1;
            assertThat(lines).as(message.toString()).anyMatch(line -> from - 1 <= line && line <= to);
        }
    }

    private static Node find(Node root, String pointer) {
        Node at = root;
        for (String step : pointer.split("/")) {
            if (at instanceof SequenceNode list && !step.isEmpty()) {
                at = list.getValue().get(Integer.parseInt(step));
            } else if (at instanceof MappingNode mapping && !step.isEmpty()) {
                String key = step.replace("~1", "/").replace("~0", "~");
                at = mapping.getValue().stream()
                        .filter(tuple -> tuple.getKeyNode() instanceof ScalarNode name
                                && name.getValue().equals(key))
                        .reduce((first, second) -> second)
                        .orElseThrow()
                        .getValueNode();
            }
        }
        return at;
    }
}

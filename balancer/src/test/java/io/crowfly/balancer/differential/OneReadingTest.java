package io.crowfly.balancer.differential;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.content.request.FormScanner;
import io.crowfly.balancer.content.request.SpanEdit;
import io.crowfly.balancer.differential.FormReader.Field;
import io.crowfly.balancer.provider.ClientTarget;
import io.crowfly.balancer.routing.Rules;
import io.crowfly.conf.BackendFilter;
import io.crowfly.conf.RequestCondition;
import io.crowfly.conf.Rule;
import io.crowfly.conf.value.Glob;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The differential test, see the package. Writes what it has compared to {@code target}. */
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class OneReadingTest {

    /** Forms, and as many paths. */
    private static final int INPUTS = Integer.getInteger("crowfly.differential.inputs", 3_000);

    /** Commands of further parsers, separated by semicolons. */
    private static final String CHILDREN = System.getProperty("crowfly.differential.children", "");

    private static final long SEED = Long.getLong("crowfly.differential.seed", 18);

    /** So many inputs are in memory at a time. */
    private static final int BATCH = 10_000;

    private static final String NEW_NAME = "our-own";

    private static final List<String> PATTERNS = List.of(
            "/v1/chat/*",
            "/v1/embeddings",
            "/v1/files/file-Abc*",
            "/v1/models/*/Llama*",
            "/openai/*",
            "/metrics",
            "/v1/*:generateContent");

    private static final Rules RULES = rules(PATTERNS);

    /** The rules of a server that ignores case. */
    private static final Rules LOWER_CASE_RULES = rules(
            PATTERNS.stream().map(pattern -> pattern.toLowerCase(Locale.ROOT)).toList());

    @TempDir
    private Path directory = Path.of("");

    private static Rules rules(List<String> patterns) {
        BackendFilter only = new BackendFilter(Optional.empty(), Optional.empty(), Map.of(), Set.of());
        return Rules.of(patterns.stream()
                .map(pattern -> new RequestCondition(Optional.of(new Glob(pattern)), Optional.empty(), Map.of()))
                .map(condition -> new Rule("rule", condition, only, 1))
                .toList());
    }

    private ChildParsers children() {
        List<List<String>> commands = Stream.of(CHILDREN.split(";"))
                .filter(command -> !command.isBlank())
                .map(command -> List.of(command.strip().split(" ")))
                .toList();
        return new ChildParsers(commands, directory);
    }

    @Test
    void noParserFindsAnotherModel() throws Exception {
        Map<String, FormReader> readers = Map.of(
                "commons-fileupload2", new FileUploadReader(),
                "undertow", new UndertowFormReader(),
                "netty", new NettyFormReader());
        Comparison<List<String>> comparison = new Comparison<>("forms");
        Comparison<List<String>> ofRenamed = new Comparison<>("renamed forms");
        FormGenerator generator = new FormGenerator(SEED);
        Random random = new Random(SEED);
        for (int from = 0; from < INPUTS; from += BATCH) {
            List<Form> forms = batch(generator::next, from);
            ChildParsers.Results<List<Field>> results = children().startForms(forms);
            Map<String, List<Optional<List<String>>>> found = new TreeMap<>();
            readers.forEach((name, reader) ->
                    found.put(name, forms.stream().map(reader::models).toList()));
            results.await()
                    .forEach((name, read) -> found.put(
                            name,
                            read.stream()
                                    .map(fields -> fields.map(FormReader::models))
                                    .toList()));
            for (int i = 0; i < forms.size(); i++) {
                Form form = forms.get(i);
                Optional<String> model = CrowflyReading.model(form, random.nextInt(form.body().length + 1));
                assertThat(model.isPresent() || !form.honest()).as("%s", form).isTrue();
                comparison.add(form, model.map(OneReadingTest::listOf), nth(found, i));
                if (model.isPresent() && !model.get().isEmpty()) {
                    Form renamed = renamed(form);
                    ofRenamed.add(
                            renamed,
                            Optional.of(List.of(NEW_NAME)),
                            mapValues(readers, reader -> reader.models(renamed)));
                }
            }
        }
        comparison.report();
        ofRenamed.report();
    }

    private static <T> List<T> batch(Supplier<T> generator, int from) {
        return Stream.generate(generator).limit(Math.min(BATCH, INPUTS - from)).toList();
    }

    private static List<String> listOf(String model) {
        return model.isEmpty() ? List.of() : List.of(model);
    }

    private static <V, R> Map<String, R> mapValues(Map<String, V> map, Function<V, R> function) {
        Map<String, R> mapped = new TreeMap<>();
        map.forEach((key, value) -> mapped.put(key, function.apply(value)));
        return mapped;
    }

    private static <T> Map<String, T> nth(Map<String, List<T>> lists, int n) {
        return mapValues(lists, list -> list.get(n));
    }

    private static Form renamed(Form form) {
        FormScanner scanner = new FormScanner(form.contentType());
        ByteBuf body = Unpooled.wrappedBuffer(form.body());
        scanner.scan(body);
        SpanEdit edit = scanner.renameModel(NEW_NAME);
        ByteArrayOutputStream edited = new ByteArrayOutputStream();
        edit.apply(body, piece -> {
            byte[] bytes = new byte[piece.readableBytes()];
            piece.readBytes(bytes);
            piece.release();
            edited.writeBytes(bytes);
        });
        return new Form(form.contentType(), edited.toByteArray(), form.honest());
    }

    @Test
    void noParserFindsAnotherPath() throws Exception {
        Comparison<String> comparison = new Comparison<>("paths");
        PathGenerator generator = new PathGenerator(SEED);
        for (int from = 0; from < INPUTS; from += BATCH) {
            List<String> targets = batch(generator::next, from);
            List<String> forwarded =
                    targets.stream().map(CrowflyReading::forwarded).toList();
            ChildParsers.Results<String> results = children().startPaths(forwarded);
            Map<String, List<Optional<String>>> found = new TreeMap<>();
            PathReaders.all()
                    .forEach((name, reader) ->
                            found.put(name, forwarded.stream().map(reader::read).toList()));
            found.putAll(results.await());
            for (int i = 0; i < targets.size(); i++) {
                comparison.add(targets.get(i), CrowflyReading.path(targets.get(i), RULES), nth(found, i));
            }
        }
        comparison.report();
    }

    /** Compares the rule that Crowfly applies to the one that would apply if case did not matter. */
    @Test
    void noServerThatIgnoresCaseFindsAnotherRule() throws Exception {
        Comparison<String> comparison = new Comparison<>("rules");
        PathGenerator generator = new PathGenerator(SEED);
        for (String target : Stream.generate(generator::next).limit(INPUTS).toList()) {
            String lowerCase = ClientTarget.parse(target).path().toLowerCase(Locale.ROOT);
            comparison.add(
                    target,
                    CrowflyReading.path(target, RULES).map(path -> ruleFor(RULES, path)),
                    Map.of("ignoring case", Optional.of(ruleFor(LOWER_CASE_RULES, lowerCase))));
        }
        comparison.report();
    }

    private static String ruleFor(Rules rules, String path) {
        return "rule " + rules.firstMatch(path, Rules.NO_MODEL, (name, value) -> false, new SplittableRandom(0));
    }
}

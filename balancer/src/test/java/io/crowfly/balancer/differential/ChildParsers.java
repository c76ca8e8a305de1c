package io.crowfly.balancer.differential;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.differential.FormReader.Field;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Parsers that are not for the JVM, run in child processes. Each gets the inputs as lines of hexadecimal texts,
 * separated by spaces, and responds to each with a line of results, separated by tabs. A result is {@code
 * READER=RESULT}, with {@code !} if the reader refuses the input.
 *
 * @param commands programs and their arguments
 * @param directory for inputs and results
 */
record ChildParsers(List<List<String>> commands, Path directory) {

    private static final HexFormat HEX = HexFormat.of();

    private static final String REFUSED = "!";

    /**
     * Results of children that are reading.
     *
     * @param <T> what is read
     */
    interface Results<T> {
        /** Waits for the children, and returns what each reader has read of each input, in the order of the inputs. */
        Map<String, List<Optional<T>>> await() throws IOException, InterruptedException;
    }

    private interface Result<T> {
        T of(String text);
    }

    private record Child(List<String> command, Process process, Path out) {

        void await() throws IOException, InterruptedException {
            try {
                if (process.waitFor() != 0) {
                    throw new IOException(command + " failed");
                }
            } finally {
                process.destroy();
            }
        }
    }

    Results<List<Field>> startForms(List<Form> forms) throws IOException {
        return start(
                "forms",
                forms.stream().map(form -> hex(form.contentType()) + ' ' + HEX.formatHex(form.body())),
                text -> Stream.of(text.split(","))
                        .filter(field -> !field.isEmpty())
                        .map(field -> field.split(":", -1))
                        .map(field -> new Field(text(field[0]), text(field[1])))
                        .toList());
    }

    Results<String> startPaths(List<String> targets) throws IOException {
        return start("paths", targets.stream().map(ChildParsers::hex), ChildParsers::text);
    }

    private <T> Results<T> start(String kind, Stream<String> inputs, Result<T> result) throws IOException {
        List<String> lines = inputs.toList();
        Path in = Files.write(directory.resolve(kind + ".in"), lines);
        List<Child> children = new ArrayList<>();
        for (List<String> command : commands) {
            List<String> withKind = new ArrayList<>(command);
            withKind.add(kind);
            Path out = directory.resolve(kind + children.size() + ".out");
            Process process = new ProcessBuilder(withKind)
                    .redirectInput(in.toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            children.add(new Child(withKind, process, out));
        }
        return () -> {
            Map<String, List<Optional<T>>> results = new LinkedHashMap<>();
            for (Child child : children) {
                child.await();
                Map<String, List<Optional<T>>> read = read(child.out(), result);
                assertThat(read).as("%s", child.command()).isNotEmpty();
                results.putAll(read);
            }
            results.forEach((reader, all) -> assertThat(all).as(reader).hasSameSizeAs(lines));
            return results;
        };
    }

    private static <T> Map<String, List<Optional<T>>> read(Path out, Result<T> result) throws IOException {
        Map<String, List<Optional<T>>> results = new LinkedHashMap<>();
        for (String line : Files.readAllLines(out, StandardCharsets.US_ASCII)) {
            for (String each : line.split("\t")) {
                String[] parts = each.split("=", 2);
                results.computeIfAbsent(parts[0], reader -> new ArrayList<>())
                        .add(parts[1].equals(REFUSED) ? Optional.empty() : Optional.of(result.of(parts[1])));
            }
        }
        return results;
    }

    private static String hex(String text) {
        return HEX.formatHex(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(String hex) {
        return new String(HEX.parseHex(hex), StandardCharsets.UTF_8);
    }
}

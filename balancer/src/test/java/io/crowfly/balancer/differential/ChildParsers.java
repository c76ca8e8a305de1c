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
 * Parsers that are not for the JVM, run in a child process. It gets the inputs as lines of hexadecimal texts, separated
 * by spaces, and responds to each with a line of results, separated by tabs. A result is {@code READER=RESULT}, with
 * {@code !} if the reader refuses the input.
 *
 * @param command program and arguments
 */
record ChildParsers(List<String> command, Path directory) {

    private static final HexFormat HEX = HexFormat.of();

    private static final String REFUSED = "!";

    /** Returns what each reader has read of each form, in the order of the forms. */
    Map<String, List<Optional<List<Field>>>> readForms(List<Form> forms) throws IOException, InterruptedException {
        return read(
                "forms",
                forms.stream().map(form -> hex(form.contentType()) + ' ' + HEX.formatHex(form.body())),
                text -> Stream.of(text.split(","))
                        .filter(field -> !field.isEmpty())
                        .map(field -> field.split(":", -1))
                        .map(field -> new Field(text(field[0]), text(field[1])))
                        .toList());
    }

    /** Returns which path each reader has read in each target, in the order of the targets. */
    Map<String, List<Optional<String>>> readPaths(List<String> targets) throws IOException, InterruptedException {
        return read("paths", targets.stream().map(ChildParsers::hex), ChildParsers::text);
    }

    private interface Result<T> {
        T of(String text);
    }

    private <T> Map<String, List<Optional<T>>> read(String kind, Stream<String> inputs, Result<T> result)
            throws IOException, InterruptedException {
        Path in = directory.resolve(kind + ".in");
        Path out = directory.resolve(kind + ".out");
        List<String> lines = inputs.toList();
        Files.write(in, lines);
        List<String> withKind = new ArrayList<>(command);
        withKind.add(kind);
        Process process = new ProcessBuilder(withKind)
                .redirectInput(in.toFile())
                .redirectOutput(out.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        if (process.waitFor() != 0) {
            throw new IOException(withKind + " failed");
        }
        Map<String, List<Optional<T>>> results = new LinkedHashMap<>();
        for (String line : Files.readAllLines(out, StandardCharsets.US_ASCII)) {
            for (String each : line.split("\t")) {
                String[] parts = each.split("=", 2);
                results.computeIfAbsent(parts[0], reader -> new ArrayList<>())
                        .add(parts[1].equals(REFUSED) ? Optional.empty() : Optional.of(result.of(parts[1])));
            }
        }
        results.forEach((reader, all) -> assertThat(all).as(reader).hasSameSizeAs(lines));
        assertThat(results).as("%s", withKind).isNotEmpty();
        return results;
    }

    private static String hex(String text) {
        return HEX.formatHex(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(String hex) {
        return new String(HEX.parseHex(hex), StandardCharsets.UTF_8);
    }
}

package io.crowfly.bench.policies.scenario;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Finder of scenarios for {@code bench policies}: those that ship with Crowfly, by name, and files, by path. */
public final class Scenarios {

    /**
     * Names of the scenarios that ship, in the order of the tables: calm weather by region, changes, storms,
     * saturation and own load, many backends, short latencies, other goals, bad beginnings.
     */
    public static final List<String> SHIPPED = List.of(
            "us-calm",
            "japan-calm",
            "netherlands-calm",
            "norway-calm",
            "uk-calm",
            "one-model-calm",
            "brownout",
            "route-change",
            "outage-and-return",
            "diurnal",
            "reasoning-heavy-tail",
            "storm-429",
            "fast-failing",
            "failing-models",
            "flapping",
            "saturation-40-edges",
            "saturation-4-edges",
            "bursts",
            "overfilled",
            "recorded-arrivals",
            "two-dozen",
            "short-latencies",
            "completion",
            "tiers",
            "slow-when-young",
            "frozen-when-young",
            "added-while-slow");

    private Scenarios() {}

    /** @param nameOrFile name of a scenario that ships or of one of its variants, or path of a file */
    public static Scenario find(String nameOrFile) throws ScenarioException {
        if (SHIPPED.contains(nameOrFile)) {
            return shipped(nameOrFile);
        }
        for (String name : SHIPPED) {
            if (nameOrFile.startsWith(name)) {
                for (Scenario variant : shipped(name).variants()) {
                    if (variant.name().equals(nameOrFile)) {
                        return variant;
                    }
                }
            }
        }
        Path file = Path.of(nameOrFile);
        if (!Files.isRegularFile(file)) {
            throw new ScenarioException("no scenario and no file is named " + nameOrFile + "; the scenarios are "
                    + String.join(", ", SHIPPED));
        }
        try {
            String name = file.getFileName().toString().replaceFirst("\\.ya?ml$", "");
            return ScenarioReader.read(
                    name, Files.readString(file), file.toAbsolutePath().getParent());
        } catch (IOException e) {
            throw new ScenarioException(nameOrFile + " can't be read: " + e.getMessage());
        }
    }

    private static Scenario shipped(String name) throws ScenarioException {
        try {
            String yaml = new String(resource(name + ".yaml"), StandardCharsets.UTF_8);
            return ScenarioReader.read(name, yaml, file -> new String(resource(file), StandardCharsets.UTF_8)
                    .lines()
                    .toList());
        } catch (IOException e) {
            throw new ScenarioException("the scenario " + name + " can't be read: " + e.getMessage());
        }
    }

    private static byte[] resource(String file) throws IOException {
        try (InputStream in = Scenarios.class.getResourceAsStream("/io/crowfly/bench/policies/scenarios/" + file)) {
            if (in == null) {
                throw new IOException(file + " is not in this build");
            }
            return in.readAllBytes();
        }
    }
}

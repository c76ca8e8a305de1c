package io.crowfly.bench.policies.scenario;

import io.crowfly.bench.policies.policy.TriedBackends;
import io.crowfly.bench.policies.scenario.Scenario.Backend;
import io.crowfly.bench.policies.scenario.Scenario.EdgeGroup;
import io.crowfly.bench.policies.scenario.Scenario.Goal;
import io.crowfly.bench.policies.scenario.Scenario.Model;
import io.crowfly.bench.policies.scenario.Scenario.ProbeKind;
import io.crowfly.bench.policies.scenario.Scenario.RequestKind;
import io.crowfly.bench.policies.scenario.Scenario.Tokens;
import io.crowfly.conf.Objective;
import io.crowfly.conf.Routing;
import io.crowfly.conf.TierTolerance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * Reader of scenario files. Unknown keys are problems, because with an ignored key the figures would not belong to the
 * file's content.
 */
public final class ScenarioReader {

    private static final LoadSettings SETTINGS = LoadSettings.builder().build();

    private static final long DEFAULT_WARM_UP_NANOS = 30_000_000_000L;
    private static final long DEFAULT_FIRST_BYTE_TIMEOUT_NANOS = 10_000_000_000L;

    private final String file;
    private final ScenarioFiles files;

    private List<String> groups = List.of();
    private List<String> models = List.of();
    private double[] betweenTokensNanos = {};
    private List<String> backends = List.of();

    private ScenarioReader(String file, ScenarioFiles files) {
        this.file = file;
        this.files = files;
    }

    /**
     * Reads a scenario.
     *
     * @param name name of the scenario; problems are reported under this name with {@code .yaml}
     * @param folder folder of the file; paths of traces are relative to this folder
     */
    public static Scenario read(String name, String yaml, Path folder) throws ScenarioException {
        return read(name, yaml, path -> Files.readAllLines(folder.resolve(path)));
    }

    static Scenario read(String name, String yaml, ScenarioFiles files) throws ScenarioException {
        String file = name + ".yaml";
        return new ScenarioReader(file, files).scenario(name, root(file, yaml));
    }

    private static ScenarioSection root(String file, String yaml) throws ScenarioException {
        try {
            Optional<Node> node = new Compose(SETTINGS).composeString(yaml);
            if (node.isEmpty()) {
                throw new ScenarioException(file + ":1:1: the file is empty");
            }
            return new ScenarioValue(file, node.get()).section();
        } catch (MarkedYamlEngineException e) {
            String at = e.getProblemMark()
                    .map(mark -> (mark.getLine() + 1) + ":" + (mark.getColumn() + 1))
                    .orElse("1:1");
            throw new ScenarioException(file + ":" + at + ": not YAML: " + e.getProblem());
        } catch (YamlEngineException e) {
            throw new ScenarioException(file + ":1:1: not YAML: " + e.getMessage());
        }
    }

    private Scenario scenario(String name, ScenarioSection root) throws ScenarioException {
        List<EdgeGroup> edges = edges(root.required("edges"));
        List<Model> allModels = models(root.required("models"));
        List<Backend> allBackends = backends(root.required("backends"));
        List<RequestKind> requests = new ArrayList<>();
        for (ScenarioValue kind : root.required("requests").list()) {
            requests.add(kind(kind.section()));
        }
        ScenarioEventReader eventReader = new ScenarioEventReader(backends, groups, models);
        List<ScenarioEvent> events = new ArrayList<>();
        Optional<ScenarioValue> listed = root.optional("events");
        if (listed.isPresent()) {
            for (ScenarioValue event : listed.get().list()) {
                events.add(eventReader.event(event.section()));
            }
        }
        Optional<ScenarioValue> warmUp = root.optional("warm-up");
        Optional<ScenarioValue> timeout = root.optional("first-byte-timeout");
        Scenario scenario = new Scenario(
                name,
                root.required("description").text(),
                root.required("weather").oneOf(Weather.class),
                (long) root.required("seed").number(),
                root.required("duration").nanos(),
                warmUp.isPresent() ? warmUp.get().nanos() : DEFAULT_WARM_UP_NANOS,
                timeout.isPresent() ? timeout.get().nanos() : DEFAULT_FIRST_BYTE_TIMEOUT_NANOS,
                edges,
                probes(root.required("probes").section()),
                goal(root.optional("routing")),
                allModels,
                allBackends,
                requests,
                arrivals(root.required("arrivals").section()),
                events);
        root.rejectUnknownKeys();
        return scenario;
    }

    private List<EdgeGroup> edges(ScenarioValue value) throws ScenarioException {
        List<EdgeGroup> edges = new ArrayList<>();
        for (ScenarioValue item : value.list()) {
            ScenarioSection section = item.section();
            Optional<ScenarioValue> count = section.optional("count");
            edges.add(new EdgeGroup(
                    section.required("name").text(),
                    count.isPresent() ? count.get().count() : 1));
            section.rejectUnknownKeys();
        }
        groups = edges.stream().map(EdgeGroup::name).toList();
        return edges;
    }

    private List<Model> models(ScenarioValue value) throws ScenarioException {
        List<Model> all = new ArrayList<>();
        for (Map.Entry<String, ScenarioValue> entry : value.entries().entrySet()) {
            ScenarioSection section = entry.getValue().section();
            Optional<ScenarioValue> perToken = section.optional("per-1k-prompt-tokens");
            Optional<ScenarioValue> between = section.optional("between-tokens");
            all.add(new Model(
                    entry.getKey(),
                    section.required("sigma").number(),
                    perToken.isPresent() ? perToken.get().duration() / 1000 : 0,
                    between.isPresent() ? between.get().duration() : 0));
            section.rejectUnknownKeys();
        }
        models = all.stream().map(Model::name).toList();
        betweenTokensNanos = all.stream().mapToDouble(Model::betweenTokensNanos).toArray();
        return all;
    }

    private List<Backend> backends(ScenarioValue value) throws ScenarioException {
        ScenarioBackendReader reader = new ScenarioBackendReader(groups, models, betweenTokensNanos);
        List<Backend> all = new ArrayList<>();
        for (ScenarioValue item : value.list()) {
            all.add(reader.backend(item.section()));
        }
        if (all.size() < 2 || all.size() > TriedBackends.MAX_BACKENDS) {
            throw value.problem("must be from 2 to " + TriedBackends.MAX_BACKENDS + " backends");
        }
        backends = all.stream().map(Backend::name).toList();
        return all;
    }

    private ProbeKind probes(ScenarioSection section) throws ScenarioException {
        Optional<ScenarioValue> inference = section.optional("inference");
        ProbeKind kind = new ProbeKind(
                section.required("interval").nanos(),
                section.required("timeout").nanos(),
                inference.isPresent() ? Optional.of(inference.get().indexIn(models, "model")) : Optional.empty());
        section.rejectUnknownKeys();
        return kind;
    }

    private static Goal goal(Optional<ScenarioValue> routing) throws ScenarioException {
        Objective objective = Routing.DEFAULT.objective();
        TierTolerance tolerance = Routing.DEFAULT.tierTolerance();
        if (routing.isPresent()) {
            ScenarioSection section = routing.get().section();
            Optional<ScenarioValue> objectiveValue = section.optional("objective");
            objective = objectiveValue.isPresent() ? objectiveValue.get().oneOf(Objective.class) : objective;
            Optional<ScenarioValue> toleranceValue = section.optional("tier-tolerance");
            if (toleranceValue.isPresent()) {
                tolerance = toleranceValue.get().text().equals("unlimited")
                        ? new TierTolerance.Unlimited()
                        : new TierTolerance.Within(
                                Duration.ofNanos(toleranceValue.get().nanos()));
            }
            section.rejectUnknownKeys();
        }
        return new Goal(objective, tolerance);
    }

    private RequestKind kind(ScenarioSection section) throws ScenarioException {
        Optional<ScenarioValue> weight = section.optional("weight");
        Optional<ScenarioValue> streamed = section.optional("streamed");
        RequestKind kind = new RequestKind(
                section.required("model").indexIn(models, "model"),
                weight.isPresent() ? weight.get().positive() : 1,
                streamed.isPresent() ? streamed.get().share() : 1,
                tokens(section.required("prompt-tokens").section()),
                tokens(section.required("output-tokens").section()));
        section.rejectUnknownKeys();
        return kind;
    }

    private static Tokens tokens(ScenarioSection section) throws ScenarioException {
        Optional<ScenarioValue> sigma = section.optional("sigma");
        Tokens tokens = new Tokens(
                section.required("median").positive(),
                sigma.isPresent() ? sigma.get().number() : 0);
        section.rejectUnknownKeys();
        return tokens;
    }

    private ArrivalProcess arrivals(ScenarioSection section) throws ScenarioException {
        ScenarioValue kind = section.required("kind");
        ArrivalProcess arrivals =
                switch (kind.text()) {
                    case "constant" ->
                        new ArrivalProcess.Constant(section.required("rate").positive());
                    case "poisson" ->
                        new ArrivalProcess.Poisson(section.required("rate").positive(), otherRates(section));
                    case "diurnal" ->
                        new ArrivalProcess.Diurnal(
                                section.required("low").positive(),
                                section.required("high").positive(),
                                section.required("period").nanos());
                    case "bursts" ->
                        new ArrivalProcess.Bursts(
                                section.required("rate").positive(),
                                section.required("every").nanos(),
                                section.required("size").count(),
                                section.required("within").nanos());
                    case "trace" -> trace(section);
                    default -> throw kind.problem("must be constant, poisson, diurnal, bursts or trace");
                };
        section.rejectUnknownKeys();
        return arrivals;
    }

    private static List<Double> otherRates(ScenarioSection section) throws ScenarioException {
        List<Double> rates = new ArrayList<>();
        Optional<ScenarioValue> listed = section.optional("other-rates");
        if (listed.isPresent()) {
            for (ScenarioValue rate : listed.get().list()) {
                rates.add(rate.positive());
            }
        }
        return rates;
    }

    private ArrivalProcess trace(ScenarioSection section) throws ScenarioException {
        ScenarioValue name = section.required("file");
        Optional<ScenarioValue> speed = section.optional("speed");
        try {
            return TraceFileReader.read(
                    files.lines(name.text()), speed.isPresent() ? speed.get().positive() : 1);
        } catch (IOException e) {
            throw name.problem("can't be read as a trace: " + e.getMessage());
        }
    }
}
